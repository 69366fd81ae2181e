// The small print for those who like to know what the bytes are doing.

import { bitrate } from "./wording.js";

const PROTOCOLS = { hls: "HLS", ogg: "Ogg by byte ranges" };
const COPIED_MS = 1500;

export class TechnicalLine {
  #player;
  #part;

  constructor(root, player) {
    this.#player = player;
    this.#part = (id) => root.querySelector(`#${id}`);
    const [toggle, panel] = [this.#part("curl-toggle"), this.#part("curl")];
    toggle.addEventListener("click", () => {
      panel.hidden = !panel.hidden;
      toggle.setAttribute("aria-expanded", String(!panel.hidden));
      this.draw();
    });
    this.#part("curl-copy").addEventListener("click", () => this.#copy());
  }

  draw() {
    const { grant, protocol, manifest, rendition, bandwidthBps, hls } = this.#player;
    const asset = manifest?.assetId ?? this.#player.track?.asset_id ?? "";
    const native = protocol === "hls" && grant && !hls;
    this.#say("protocol", PROTOCOLS[protocol] + (native ? " (native)" : ""));
    this.#say("rendition", this.#renditionText(rendition, manifest));
    this.#say("codec", manifest?.codecString(this.#player.timeline));
    this.#say("chunk", this.#chunkText());
    this.#say("bandwidth", bandwidthBps ? bitrate(bandwidthBps) : "");
    this.#say("asset", asset.slice(0, 10));
    this.#part("tech-asset").title = asset;
    this.#drawLinks(grant);
  }

  #renditionText(rendition, manifest) {
    if (!rendition) return "";
    const average = manifest?.averageBps(rendition);
    return average ? `${rendition} (⌀ ${bitrate(average)})` : rendition;
  }

  #chunkText() {
    const { chunk, boundaries } = this.#player;
    return chunk < 0 ? "" : `${chunk + 1} of ${boundaries.length}`;
  }

  #say(name, text) {
    const node = this.#part(`tech-${name}`);
    const shown = text || "–";
    if (node.textContent !== shown) node.textContent = shown;
  }

  #drawLinks(grant) {
    const link = this.#part("manifest-link");
    if (grant) link.href = grant.manifestUrl;
    else link.removeAttribute("href");
    const line = this.#curlLine();
    this.#part("curl-toggle").disabled = !line;
    // Rewritten only when it changes, so that a selection in it lasts as long as the chunk.
    if (this.#part("curl-line").textContent !== line) this.#part("curl-line").textContent = line;
  }

  #curlLine() {
    const { grant, manifest, timeline, chunk } = this.#player;
    if (!grant || !manifest || chunk < 0) return "";
    return grant.curl(manifest.chunkSource(timeline, chunk));
  }

  async #copy() {
    const [button, line] = [this.#part("curl-copy"), this.#part("curl-line")];
    try {
      await navigator.clipboard.writeText(line.textContent);
      button.textContent = "Copied";
    } catch {
      // No clipboard without TLS: leave the line selected for the reader's own copy.
      getSelection().selectAllChildren(line);
      button.textContent = "Selected";
    }
    setTimeout(() => (button.textContent = "Copy"), COPIED_MS);
  }
}
