// The line a track is played along: bar lines where chunks begin, what is buffered, where we are.

import { chunkAt } from "./manifest.js";
import { clock, spokenTime } from "./wording.js";

const LEAST_TICK_GAP_PX = 4;
const LEAST_SLUR_PX = 8;
const INSET_PX = 7; // Half the head's width, as the range input's own thumb keeps.

export class SeekBar {
  #input;
  #picture;
  #paths;
  #player;
  #scrubS = null; // Where the hand holds the head, until it lets go.

  constructor(root, player) {
    this.#player = player;
    this.#input = root.querySelector("#seek");
    this.#picture = root.querySelector("#seek-picture");
    const part = (name) => this.#picture.querySelector(`.seek-${name}`);
    this.#paths = Object.fromEntries(
      ["ticks", "line", "buffered", "played", "chunk", "head"].map((name) => [name, part(name)]),
    );
    this.#input.addEventListener("input", () => {
      this.#scrubS = this.#input.valueAsNumber;
      this.draw();
    });
    this.#input.addEventListener("change", () => {
      this.#scrubS = null;
      player.seek(this.#input.valueAsNumber);
      this.draw();
    });
    new ResizeObserver(() => this.draw()).observe(this.#picture);
  }

  /** The time to show: the hand's while it holds the head. */
  get shownS() {
    return this.#scrubS ?? this.#player.positionS;
  }

  draw() {
    const durationS = this.#player.durationS;
    const { width, height } = this.#picture.getBoundingClientRect();
    const known = Number.isFinite(durationS) && durationS > 0;
    const scale = known ? (width - 2 * INSET_PX) / durationS : 0;
    const x = (seconds) => (INSET_PX + seconds * scale).toFixed(1);
    const middle = height / 2;
    const line = (from, to) => `M${x(from)} ${middle}H${x(to)}`;
    const now = known ? Math.min(this.shownS, durationS) : 0;
    const { ticks, line: staff, buffered, played, chunk, head } = this.#paths;

    staff.setAttribute("d", `M${INSET_PX} ${middle}H${width - INSET_PX}`);
    ticks.setAttribute("d", known ? this.#tickPath(x, scale, middle) : "");
    const stretches = known ? ranges(this.#player.audio.buffered) : [];
    buffered.setAttribute("d", stretches.map(([from, to]) => line(from, Math.min(to, durationS))).join(""));
    played.setAttribute("d", line(0, now));
    chunk.setAttribute("d", known ? this.#slurPath(x, now, durationS, middle) : "");
    head.setAttribute("transform", `translate(${x(now)} ${middle}) rotate(-20)`);
    this.#announce(known, now, durationS);
  }

  #tickPath(x, scale, middle) {
    const { boundaries } = this.#player;
    const gapPx = (boundaries[1] ?? Infinity) * scale;
    const every = Math.max(1, Math.ceil(LEAST_TICK_GAP_PX / gapPx));
    return boundaries
      .filter((_, index) => index > 0 && index % every === 0)
      .map((start) => `M${x(start)} ${middle - 5}v10`)
      .join("");
  }

  /** A slur over the chunk that is heard. */
  #slurPath(x, now, durationS, middle) {
    const { boundaries } = this.#player;
    const index = chunkAt(boundaries, now);
    if (index < 0) return "";
    const [from, to] = [Number(x(boundaries[index])), Number(x(boundaries[index + 1] ?? durationS))];
    if (to - from < LEAST_SLUR_PX) return "";
    const [top, left, right] = [middle - 9, from + (to - from) / 4, to - (to - from) / 4];
    const above = `C${left} ${top - 7} ${right} ${top - 7} ${to} ${top}`;
    const below = `C${right} ${top - 5} ${left} ${top - 5} ${from} ${top}`;
    return `M${from} ${top}${above}${below}Z`;
  }

  #announce(known, now, durationS) {
    this.#input.max = known ? durationS : 0;
    this.#input.disabled = !known;
    if (this.#scrubS === null) this.#input.value = now;
    this.#input.setAttribute("aria-valuetext", known ? `${spokenTime(now)} of ${spokenTime(durationS)}` : "nothing loaded");
    this.#input.title = known ? clock(now) : "";
  }
}

function ranges(buffered) {
  return Array.from({ length: buffered.length }, (_, index) => [buffered.start(index), buffered.end(index)]);
}
