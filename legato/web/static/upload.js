// Adding recordings: a drop zone, a file button, and a line for each file on its way.

import { uploadMaster } from "./resumable_upload.js";
import { size } from "./wording.js";

const template = document.getElementById("upload-template");
const LINGER_MS = 4000;

export class Uploads {
  #form;
  #list;
  #onAccepted;
  #onLockedOut;
  #queue = Promise.resolve(); // One file at a time: they would only share the same line.

  constructor(form, { onAccepted, onLockedOut }) {
    this.#form = form;
    this.#list = form.querySelector(".upload-list");
    this.#onAccepted = onAccepted;
    this.#onLockedOut = onLockedOut;
    const input = form.elements.namedItem("file");
    input.addEventListener("change", () => {
      this.add([...input.files]);
      input.value = ""; // So that the same file can be chosen again after a refusal.
    });
    form.addEventListener("submit", (event) => event.preventDefault());
    this.#acceptDrops();
  }

  /** Send files in their order; a title is one recording's, so only a single file takes it. */
  add(files) {
    const title = files.length === 1 ? this.#field("title").value.trim() : "";
    const artist = this.#field("artist").value.trim();
    for (const file of files) this.#enqueue({ file, title, artist });
    if (files.length === 1) this.#field("title").value = "";
  }

  #field(name) {
    return this.#form.elements.namedItem(name);
  }

  #enqueue(master) {
    const line = new UploadLine(master.file);
    this.#list.append(line.node);
    this.#queue = this.#queue.then(() => this.#send(master, line));
  }

  async #send(master, line) {
    if (line.signal.aborted) return;
    try {
      await uploadMaster(master, {
        onProgress: (fraction) => line.progress(fraction),
        onLost: () => line.lost(),
        signal: line.signal,
      });
      line.accepted();
      this.#onAccepted();
    } catch (error) {
      if (error.name === "AbortError") return;
      line.refused(error.message);
      if (error.wantsKey) this.#onLockedOut(error);
    }
  }

  /** The whole window takes the file, so that a missed zone does not open it in the browser. */
  #acceptDrops() {
    const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
    let depth = 0; // dragenter and dragleave also come for every element within.
    const show = (change) => {
      depth = Math.max(0, depth + change);
      this.#form.toggleAttribute("data-over", depth > 0);
    };
    window.addEventListener("dragenter", (event) => carriesFiles(event) && show(+1));
    window.addEventListener("dragleave", (event) => carriesFiles(event) && show(-1));
    window.addEventListener("dragover", (event) => carriesFiles(event) && event.preventDefault());
    window.addEventListener("drop", (event) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      show(-depth);
      if (!this.#form.closest("[hidden]")) this.add([...event.dataTransfer.files]);
    });
  }
}

class UploadLine {
  #abort = new AbortController();

  constructor(file) {
    this.node = template.content.firstElementChild.cloneNode(true);
    this.node.dataset.state = "waiting";
    this.node.querySelector(".upload-name").textContent = file.name;
    this.state = this.node.querySelector(".upload-state");
    this.bar = this.node.querySelector("progress");
    this.bar.setAttribute("aria-label", `Upload of ${file.name}`);
    this.state.textContent = `waiting · ${size(file.size)}`;
    this.button = this.node.querySelector("button");
    this.button.addEventListener("click", () => {
      this.#abort.abort();
      this.node.remove();
    });
  }

  get signal() {
    return this.#abort.signal;
  }

  progress(fraction) {
    this.node.dataset.state = "sending";
    this.bar.value = fraction;
    this.state.textContent = fraction < 1 ? `${Math.floor(fraction * 100)} %` : "sent; being judged";
  }

  lost() {
    this.node.dataset.state = "lost";
    this.state.textContent = "the line is down; trying again";
  }

  accepted() {
    this.#end("accepted", "accepted");
    setTimeout(() => this.node.remove(), LINGER_MS);
  }

  refused(message) {
    this.#end("refused", message);
  }

  #end(state, text) {
    this.node.dataset.state = state;
    this.state.textContent = text;
    this.bar.hidden = true;
    this.button.textContent = "dismiss";
  }
}
