// The list of tracks: fetched, kept fresh while something is in work, and shown.

import { listTracks } from "./api.js";
import { clock, spokenTime, timeLeft } from "./wording.js";

const POLL_MS = 2000;
const POLL_AFTER_SILENCE_MS = 10_000;
const FINAL = new Set(["ready", "refused", "failed"]);

const template = document.getElementById("track-template");
const summary = document.getElementById("catalogue-summary");
const complaint = document.getElementById("catalogue-complaint");
const empty = document.getElementById("catalogue-empty");
const more = document.getElementById("catalogue-more");

export class Catalogue {
  tracks = [];
  #list;
  #onPick;
  #onLockedOut;
  #rows = new Map();
  #pages = 1;
  #timer = null;
  #turn = 0;

  constructor(list, { onPick, onLockedOut }) {
    this.#list = list;
    this.#onPick = onPick;
    this.#onLockedOut = onLockedOut;
    more.addEventListener("click", () => {
      this.#pages += 1;
      this.refresh();
    });
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && this.#timer !== null) this.refresh();
    });
  }

  /** Fetch the pages that are shown, show them, and come again while something is not final. */
  async refresh() {
    this.stop();
    const turn = ++this.#turn;
    try {
      const { tracks, cursor } = await fetchPages(this.#pages);
      if (turn !== this.#turn) return;
      complaint.textContent = "";
      this.#show(tracks, cursor);
      if (tracks.some((track) => !FINAL.has(track.state))) this.#again(POLL_MS);
    } catch (error) {
      if (turn !== this.#turn) return;
      if (error.status === 401 || error.status === 403) return this.#onLockedOut(error);
      complaint.textContent = `The catalogue could not be read: ${error.message}`;
      this.#again(POLL_AFTER_SILENCE_MS);
    }
  }

  stop() {
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#turn += 1;
  }

  /** The playable track `offset` places from the given one; the first where that is not listed. */
  neighbour(trackId, offset) {
    const at = this.tracks.findIndex((track) => track.track_id === trackId);
    const playable = (track) => track.state === "ready";
    if (offset > 0) return this.tracks.slice(at + 1).find(playable) ?? null;
    return this.tracks.slice(0, Math.max(at, 0)).findLast(playable) ?? null;
  }

  /** Show which row is playing. */
  mark(trackId, state) {
    for (const [id, row] of this.#rows) {
      const current = id === trackId;
      row.toggleAttribute("data-current", current);
      row.dataset.playing = String(current && (state === "playing" || state === "loading"));
      const title = row.querySelector(".track-title");
      if (current) title.setAttribute("aria-current", "true");
      else title.removeAttribute("aria-current");
    }
  }

  /** A hidden page keeps its timer but does not ask; it does when it is looked at again. */
  #again(afterMs) {
    this.#timer = setTimeout(() => !document.hidden && this.refresh(), afterMs);
  }

  #show(tracks, cursor) {
    this.tracks = tracks;
    empty.hidden = tracks.length > 0;
    more.hidden = !cursor;
    summary.textContent = summarise(tracks, cursor);
    const rows = tracks.map((track) => {
      const row = this.#rows.get(track.track_id) ?? this.#newRow(track.track_id);
      fill(row, track, tracks);
      return row;
    });
    const shown = new Set(rows);
    for (const [id, row] of this.#rows) if (!shown.has(row)) this.#rows.delete(id);
    // Rows that stay in place are not touched, so that the focus stays where it is.
    if (rows.some((row, at) => this.#list.children[at] !== row) || this.#list.children.length !== rows.length) {
      this.#list.replaceChildren(...rows);
    }
  }

  #newRow(trackId) {
    const row = template.content.firstElementChild.cloneNode(true);
    row.dataset.trackId = trackId;
    row.querySelector(".track-title").addEventListener("click", () => {
      this.#onPick(this.tracks.find((track) => track.track_id === trackId));
    });
    this.#rows.set(trackId, row);
    return row;
  }
}

async function fetchPages(count) {
  const tracks = [];
  let cursor = null;
  for (let page = 0; page < count; page += 1) {
    const answer = await listTracks(cursor);
    tracks.push(...answer.tracks);
    cursor = answer.next_cursor;
    if (!cursor) break;
  }
  return { tracks, cursor };
}

function summarise(tracks, cursor) {
  const ready = tracks.filter((track) => track.state === "ready");
  const minutes = Math.round(ready.reduce((sum, track) => sum + (track.duration_s ?? 0), 0) / 60);
  const inWork = tracks.filter((track) => !FINAL.has(track.state)).length;
  if (!tracks.length) return "";
  return [
    `${ready.length}${cursor ? "+" : ""} ready`,
    minutes && `${minutes} min`,
    inWork && `${inWork} in work`,
  ]
    .filter(Boolean)
    .join(" · ");
}

function fill(row, track, tracks) {
  row.dataset.state = track.state;
  const title = row.querySelector(".track-title");
  setText(title, track.title || "Untitled");
  title.disabled = track.state !== "ready";

  const duration = row.querySelector(".track-duration");
  setText(duration, track.duration_s == null ? "" : clock(track.duration_s));
  duration.setAttribute("aria-label", track.duration_s == null ? "" : spokenTime(track.duration_s));
  setText(row.querySelector(".track-artist"), track.artist || "");
  setText(row.querySelector(".track-state"), stateText(track, tracks));
  showProgress(row.querySelector(".track-progress"), track);
}

/** What is said of a track beside its artist; of a ready one nothing, unless it is a duplicate. */
export function stateText(track, tracks) {
  if (track.state === "ready") {
    if (!track.duplicate_of) return "";
    const twin = tracks.find((other) => other.track_id === track.duplicate_of);
    return twin ? `same recording as “${twin.title}”` : "a recording you already had";
  }
  if (track.error) return `${track.state}: ${track.error.message}`;
  const { stage, fraction, times_real_time: speed, seconds_left: left } = track.progress ?? {};
  if (stage === "queued") return stage;
  return [
    stage ?? track.state,
    fraction != null && `${Math.floor(fraction * 100)} %`,
    speed && `${speed.toFixed(speed < 10 ? 1 : 0)} × real time`,
    left != null && timeLeft(left),
  ]
    .filter(Boolean)
    .join(" · ");
}

function showProgress(bar, track) {
  bar.hidden = FINAL.has(track.state);
  if (bar.hidden) return;
  bar.setAttribute("aria-label", `Progress of ${track.title || "an untitled track"}`);
  if (track.progress?.fraction == null) bar.removeAttribute("value");
  else bar.value = track.progress.fraction;
}

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
