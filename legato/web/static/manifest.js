// The delivery manifest, read for what a player wants to know of it.

export class Manifest {
  constructor(json) {
    this.json = json;
    this.renditions = new Map(json.renditions.map((rendition) => [rendition.name, rendition]));
  }

  static async fetch(grant) {
    const credentials = grant.usesCookies ? "include" : "omit";
    const response = await fetch(grant.manifestUrl, { credentials });
    if (!response.ok) throw new Error(`the manifest answered ${response.status}`);
    return new Manifest(await response.json());
  }

  get assetId() {
    return this.json.asset_id;
  }

  get durationS() {
    return this.json.samples / this.json.sample_rate_hz;
  }

  /** Where each chunk of a rendition starts, in seconds. */
  boundaries(name) {
    const starts = this.renditions.get(name)?.chunks.start_sample ?? [];
    return starts.map((sample) => sample / this.json.sample_rate_hz);
  }

  /** The RFC 6381 codec string: "mp4a.40.2", "vorbis". */
  codecString(name) {
    const rendition = this.renditions.get(name);
    return rendition?.media_type.match(/codecs="?([^";]+)/)?.[1] ?? rendition?.codec ?? "";
  }

  averageBps(name) {
    return this.renditions.get(name)?.average_bps ?? null;
  }

  /** A chunk as the player fetches it: AAC by its own address, Ogg by a range of the whole file. */
  chunkSource(name, index) {
    const rendition = this.renditions.get(name);
    if (rendition.codec !== "vorbis") {
      return { file: `${name}/${index}.m4s`, saveAs: `${name}-${index}.m4s` };
    }
    const { offset, size, preroll } = rendition.chunks;
    const range = [offset[index] - preroll[index], offset[index] + size[index] - 1];
    return { file: rendition.file, range, saveAs: `${name}-${index}.ogg` };
  }
}

/** The index of the chunk that `time` lies in, given where chunks start; -1 where there are none. */
export function chunkAt(boundaries, time) {
  let [low, high] = [0, boundaries.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (boundaries[middle] <= time) low = middle + 1;
    else high = middle;
  }
  return boundaries.length ? Math.max(0, low - 1) : -1;
}
