// The player's face: it shows what the player says, and passes on what the hand asks.

import { SeekBar } from "./seek_bar.js";
import { TechnicalLine } from "./technical_line.js";
import { clock } from "./wording.js";

export class PlayerBar {
  #player;
  #seekBar;
  #technical;
  #part;
  #frame = null;

  constructor(root, player, commands) {
    this.root = root;
    this.#player = player;
    this.#part = (id) => root.querySelector(`#${id}`);
    this.#seekBar = new SeekBar(root, player);
    this.#technical = new TechnicalLine(root, player);
    this.#bindTransport(commands);
    this.#bindChoices();
    this.#bindVolume();
    player.addEventListener("change", () => this.#soon());
    for (const event of ["timeupdate", "progress", "durationchange", "seeking", "emptied"]) {
      player.audio.addEventListener(event, () => this.#soon());
    }
    this.#part("seek").addEventListener("input", () => this.#soon());
    this.#draw();
  }

  #bindTransport(commands) {
    this.#part("play").addEventListener("click", commands.toggle);
    this.#part("next").addEventListener("click", commands.next);
    this.#part("previous").addEventListener("click", commands.previous);
  }

  #bindChoices() {
    for (const input of this.#radios("protocol")) {
      input.addEventListener("change", () => this.#player.chooseProtocol(input.value));
    }
    for (const input of this.#radios("rendition")) {
      input.addEventListener("change", () => this.#player.chooseRendition(input.value));
    }
  }

  #bindVolume() {
    const { audio } = this.#player;
    const [slider, mute] = [this.#part("volume"), this.#part("mute")];
    slider.addEventListener("input", () => this.#player.setVolume(slider.valueAsNumber));
    mute.addEventListener("click", () => (audio.muted = !audio.muted));
    const show = () => {
      slider.value = audio.muted ? 0 : audio.volume;
      slider.setAttribute("aria-valuetext", `${Math.round(slider.value * 100)} %`);
      mute.setAttribute("aria-pressed", String(audio.muted));
    };
    audio.addEventListener("volumechange", show);
    show();
  }

  #radios(name) {
    return this.root.querySelectorAll(`input[name="${name}"]`);
  }

  /** At most one drawing a frame, however many events there are. */
  #soon() {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = null;
      this.#draw();
    });
  }

  #draw() {
    this.#publish();
    this.#drawTrack();
    this.#drawChoices();
    this.#seekBar.draw();
    this.#part("time-now").textContent = clock(this.#player.track ? this.#seekBar.shownS : 0);
    this.#part("time-total").textContent = clock(this.#player.durationS);
    this.#technical.draw();
  }

  #drawTrack() {
    const { track, state, message } = this.#player;
    const active = state === "playing" || state === "loading";
    this.#part("now-title").textContent = track ? track.title || "Untitled" : "Nothing is playing";
    this.#part("now-artist").textContent = track?.artist ?? (track ? "" : "Choose a piece from the programme.");
    this.#part("play").setAttribute("aria-label", active ? "Pause" : "Play");
    const complaint = state === "error" ? `This track cannot be played: ${message}` : "";
    if (this.#part("player-complaint").textContent !== complaint) this.#part("player-complaint").textContent = complaint;
    const heading = track ? `${track.title || "Untitled"} — legato` : "legato";
    if (document.title !== heading) document.title = heading;
  }

  #drawChoices() {
    const { protocol, protocols, choice, grant } = this.#player;
    const codec = protocol === "ogg" ? "vorbis" : "aac";
    for (const input of this.#radios("protocol")) {
      input.checked = input.value === protocol;
      input.disabled = !protocols.includes(input.value);
    }
    for (const input of this.#radios("rendition")) {
      const automatic = input.value === "auto";
      input.checked = input.value === choice;
      input.disabled = automatic ? protocol === "ogg" : grant !== null && !grant.covers(`${codec}-${input.value}`);
    }
  }

  /** The state as attributes of <html>, for the style sheet and for tests. */
  #publish() {
    const { state, protocol, rendition, track, chunk } = this.#player;
    const facts = { player: state, protocol, rendition, track: track?.track_id, chunk: chunk < 0 ? null : chunk };
    for (const [name, value] of Object.entries(facts)) {
      const text = String(value ?? "");
      if (document.documentElement.dataset[name] !== text) document.documentElement.dataset[name] = text;
    }
  }
}
