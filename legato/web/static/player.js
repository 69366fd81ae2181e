// The player without a face: one <audio>, one track at a time, and what is known about it.

import { openPlayback } from "./api.js";
import { Grant } from "./grant.js";
import { Manifest, chunkAt } from "./manifest.js";
import { preferences, remember } from "./preferences.js";
import { openSource, playableProtocols } from "./sources.js";

/** A renewed grant has proved itself after this much playing; then the next one may be renewed too. */
const PROOF_S = 3;

/**
 * Fires "change" whenever anything but the time has changed, "ended" at a track's end, and
 * "refused" (detail: an Error) when a track cannot be played. Times are the <audio>'s events.
 */
export class Player extends EventTarget {
  #source = null;
  #turn = 0; // Counts openings, so that a slow answer for an abandoned one is dropped.
  #wantsToPlay = false;
  #positionS = 0;
  #renewedAtS = null;

  constructor(audio) {
    super();
    this.audio = audio;
    this.protocols = playableProtocols();
    this.protocol = this.protocols.includes(preferences.protocol) ? preferences.protocol : (this.protocols[0] ?? "hls");
    this.audio.volume = preferences.volume;
    this.state = "idle";
    this.message = "";
    this.#forget(null);
    this.#followAudio();
  }

  get hls() {
    return this.#source?.hls ?? null;
  }

  /** The tier in force: the listener's choice, or what the grant allows in its place. */
  get choice() {
    const wanted = preferences[this.protocol];
    return this.grant ? this.#allowed(wanted) : wanted;
  }

  get durationS() {
    if (!this.track) return NaN;
    // The manifest counts samples; the element may only estimate.
    return this.manifest?.durationS ?? (this.audio.duration || this.track.duration_s);
  }

  /** Where we are; while a source is being opened, where we shall be. */
  get positionS() {
    return this.state === "loading" ? this.#positionS : this.audio.currentTime;
  }

  /** The rendition heard; where the browser does not tell, the first that the grant covers. */
  get timeline() {
    if (this.rendition) return this.rendition;
    const codec = this.protocol === "ogg" ? "vorbis" : "aac";
    return this.grant?.renditions.find((name) => name.startsWith(codec)) ?? `${codec}-96`;
  }

  get boundaries() {
    return this.manifest?.boundaries(this.timeline) ?? [];
  }

  get chunk() {
    return chunkAt(this.boundaries, this.positionS);
  }

  async play(track) {
    this.#forget(track);
    this.#wantsToPlay = true;
    this.#renewedAtS = null;
    await this.#open(0);
  }

  toggle() {
    if (!this.track) return;
    if (this.state === "error") {
      this.#wantsToPlay = true;
      this.#open(this.#positionS);
    } else if (this.audio.paused && !(this.state === "loading" && this.#wantsToPlay)) {
      this.#start();
    } else {
      this.#wantsToPlay = false;
      this.audio.pause();
      this.#enter("paused");
    }
  }

  seek(seconds) {
    if (!this.track) return;
    const end = Number.isFinite(this.durationS) ? this.durationS - 0.05 : seconds;
    this.#positionS = Math.max(0, Math.min(seconds, end));
    if (this.audio.readyState > 0) this.audio.currentTime = this.#positionS;
  }

  chooseProtocol(protocol) {
    if (protocol === this.protocol || !this.protocols.includes(protocol)) return;
    this.protocol = protocol;
    remember({ protocol });
    this.rendition = null;
    this.bandwidthBps = null;
    if (this.grant) this.#attach(this.#positionS);
    this.#changed();
  }

  chooseRendition(choice) {
    remember({ [this.protocol]: choice });
    this.#source?.choose(this.choice);
    this.#changed();
  }

  setVolume(volume) {
    this.audio.volume = Math.max(0, Math.min(1, volume));
    this.audio.muted = false;
    remember({ volume: this.audio.volume });
  }

  /** Ask for a grant and go on from `positionS`. */
  async #open(positionS) {
    const turn = ++this.#turn;
    this.#positionS = positionS;
    this.#detach();
    this.#enter("loading");
    try {
      const grant = new Grant(await openPlayback(this.track.track_id));
      if (turn !== this.#turn) return;
      this.grant = grant;
      this.#attach(positionS);
      const manifest = await Manifest.fetch(grant);
      if (turn !== this.#turn) return;
      this.manifest = manifest;
      this.#changed();
    } catch (error) {
      if (turn !== this.#turn) return;
      // Without its manifest a track still plays; without a grant it does not.
      if (!this.#source) this.#fail(error);
    }
  }

  #attach(startS) {
    this.#detach();
    this.#positionS = startS;
    this.#enter("loading");
    const still = (act) => (argument) => source === this.#source && act(argument);
    const source = {};
    this.#source = source;
    Object.assign(
      source,
      openSource(this.protocol, this.audio, {
        grant: this.grant,
        choice: this.choice,
        startS,
        on: {
          rendition: still((name) => this.#note({ rendition: name })),
          bandwidth: still((bps) => this.#note({ bandwidthBps: bps })),
          failure: still((failure) => this.#recover(failure)),
        },
      }),
    );
    if (this.#wantsToPlay) this.#start();
    else this.#enter("paused");
  }

  #detach() {
    const source = this.#source;
    this.#source = null; // First, so that what the element says while it is emptied is not heard.
    source?.detach?.();
  }

  /** A tier that the grant does not cover gives way to one that it does. */
  #allowed(choice) {
    const codec = this.protocol === "ogg" ? "vorbis" : "aac";
    if (choice === "auto" || this.grant.covers(`${codec}-${choice}`)) return choice;
    if (this.protocol === "hls") return "auto";
    return this.grant.renditions.findLast((name) => name.startsWith("vorbis"))?.split("-")[1] ?? "96";
  }

  #recover({ expired, message }) {
    if (expired && this.#renewedAtS === null) {
      this.#renewedAtS = this.#positionS;
      this.#open(this.#positionS);
    } else if (this.grant.fallbacks.length > 0) {
      this.grant = this.grant.fallback(); // another CDN
      this.#attach(this.#positionS);
    } else {
      this.#fail(new Error(message));
    }
  }

  #start() {
    this.#wantsToPlay = true;
    this.audio.play().catch((error) => {
      // The browser wants a gesture first. (AbortError: another source came; that one reports.)
      if (error.name === "NotAllowedError") {
        this.#wantsToPlay = false;
        this.#enter("paused");
      }
    });
  }

  #followAudio() {
    const on = (name, act) => this.audio.addEventListener(name, () => this.#source && act());
    on("playing", () => this.#enter("playing"));
    on("waiting", () => this.#wantsToPlay && this.#enter("loading"));
    on("pause", () => {
      if (this.audio.ended || this.audio.readyState === 0) return;
      this.#wantsToPlay = false; // Headphones pulled out, another tab: the system may pause us too.
      this.#enter("paused");
    });
    on("seeked", () => this.#settle());
    on("canplay", () => this.#settle());
    on("timeupdate", () => {
      if (this.audio.readyState === 0 || this.audio.seeking) return;
      this.#positionS = this.audio.currentTime;
      if (this.#renewedAtS !== null && this.#positionS > this.#renewedAtS + PROOF_S) this.#renewedAtS = null;
    });
    on("ended", () => {
      this.#enter("ended");
      this.dispatchEvent(new Event("ended"));
    });
  }

  /** After a seek: the state the element is really in. */
  #settle() {
    if (this.audio.ended) return;
    if (this.audio.paused && !this.#wantsToPlay) this.#enter("paused");
    else if (!this.audio.paused && this.audio.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA) this.#enter("playing");
  }

  #forget(track) {
    this.track = track;
    this.grant = null;
    this.manifest = null;
    this.rendition = null;
    this.bandwidthBps = null;
  }

  #fail(error) {
    this.#turn += 1;
    this.#detach();
    this.message = error.message;
    this.#enter("error");
    this.dispatchEvent(new CustomEvent("refused", { detail: error }));
  }

  #enter(state) {
    if (state !== "error") this.message = "";
    this.state = state;
    this.#changed();
  }

  #note(facts) {
    Object.assign(this, facts);
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
