// What `play` answers: where a track's bytes are, and for how long they may be fetched.

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

export class Grant {
  constructor(playback) {
    this.baseUrl = new URL(playback.base_url, location.href).href;
    this.query = playback.query;
    this.cookies = playback.cookies;
    this.renditions = playback.renditions;
    this.fallbacks = playback.fallbacks.map((edge) => new Grant({ ...playback, ...edge, fallbacks: [] }));
    this.manifestUrl = this.signed(new URL(playback.manifest_url, location.href).href);
    this.hlsUrl = this.signed(new URL(playback.hls_url, location.href).href);
    this.keepCookies();
  }

  /** The signed address of a file of the asset: `url("vorbis-160.ogg")`. */
  url(file) {
    return this.signed(this.baseUrl + file);
  }

  /** A playlist's relative addresses lose a dialect's query: give it back to those that lack it. */
  signed(url) {
    if (!this.query || !url.startsWith(this.baseUrl) || url.includes(this.query)) return url;
    return `${url}${url.includes("?") ? "&" : "?"}${this.query}`;
  }

  get usesCookies() {
    return this.cookies.length > 0;
  }

  /** The same playback at the next CDN; null where there is none left. */
  fallback() {
    const [next, ...others] = this.fallbacks;
    if (next) next.fallbacks = others;
    return next ?? null;
  }

  /** Cookies that a script may set: those of the page's own host. Other hosts set theirs. */
  keepCookies() {
    if (new URL(this.baseUrl).host !== location.host) return;
    const secure = location.protocol === "https:" ? "; secure" : "";
    for (const { name, value, path } of this.cookies) document.cookie = `${name}=${value}; path=${path}${secure}`;
  }

  /** Whether the grant covers a rendition; one that lists none covers all. */
  covers(rendition) {
    return this.renditions.length === 0 || this.renditions.includes(rendition);
  }

  /** A shell line that fetches one chunk as the player does: a file, or a byte range of one. */
  curl({ file, range, saveAs }) {
    const cookie = this.cookies.map(({ name, value }) => `${name}=${value}`);
    return [
      "curl -fsS",
      range && `-r ${range[0]}-${range[1]}`,
      cookie.length && `-b ${quoted(cookie.join("; "))}`,
      `-o ${saveAs}`,
      quoted(this.url(file)),
    ]
      .filter(Boolean)
      .join(" ");
  }
}
