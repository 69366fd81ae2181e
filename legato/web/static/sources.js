// Three ways from a grant to an <audio> element. Each is a function
//
//   (audio, {grant, manifest, choice, startS, on}) -> {choose(choice), detach(), hls?}
//
// `choice` is "auto" or a tier ("160"). `on` has
//   rendition(name)        the rendition heard from now on, or null where nobody can tell,
//   bandwidth(bps)         a measurement,
//   failure({expired, message})   playback cannot go on; `expired`: a new grant may help.

const HLS_TYPE = "application/vnd.apple.mpegurl";
const EXPIRED = new Set([401, 403, 410]);

const hlsJs = () => (globalThis.Hls?.isSupported() ? globalThis.Hls : null);
const canPlay = (type) => document.createElement("audio").canPlayType(type) !== "";

/** The protocols this browser can play: "hls", "ogg". */
export function playableProtocols() {
  const playable = [];
  if (hlsJs() || canPlay(HLS_TYPE)) playable.push("hls");
  if (canPlay('audio/ogg; codecs="vorbis"')) playable.push("ogg");
  return playable;
}

export function openSource(protocol, audio, options) {
  if (protocol === "ogg") return openOgg(audio, options);
  return hlsJs() ? openHlsJs(audio, options) : openNativeHls(audio, options);
}

/** HLS through Media Source Extensions. */
function openHlsJs(audio, { grant, choice, startS, on }) {
  const Hls = hlsJs();
  const hls = new Hls({
    startPosition: startS,
    maxBufferLength: 40,
    xhrSetup: (xhr, url) => {
      xhr.open("GET", grant.signed(url), true);
      xhr.withCredentials = grant.usesCookies;
    },
  });
  const nameOf = (level) => hls.levels[level]?.url[0].match(/(aac-\d+)\//)?.[1] ?? null;
  const levelOf = (tier) => hls.levels.findIndex((_, level) => nameOf(level) === `aac-${tier}`);

  hls.on(Hls.Events.MANIFEST_PARSED, () => {
    // Before the first chunk is asked for, so that no other rendition is heard.
    if (choice !== "auto") hls.loadLevel = levelOf(choice);
  });
  hls.on(Hls.Events.FRAG_CHANGED, (_, { frag }) => on.rendition(nameOf(frag.level)));
  hls.on(Hls.Events.FRAG_LOADED, () => on.bandwidth(hls.bandwidthEstimate));
  hls.on(Hls.Events.ERROR, (_, error) => {
    const expired = EXPIRED.has(error.response?.code);
    if (expired || error.fatal) on.failure({ expired, message: error.details });
  });
  hls.loadSource(grant.hlsUrl);
  hls.attachMedia(audio);

  return {
    hls,
    choose(next) {
      // A tier takes over at the next chunk's boundary; automatic keeps what is buffered.
      if (next === "auto") hls.loadLevel = -1;
      else hls.nextLevel = levelOf(next);
    },
    detach: () => hls.destroy(),
  };
}

/** HLS by the browser itself (iOS). It does not say which rendition it has chosen. */
function openNativeHls(audio, { grant, choice, startS, on }) {
  const address = (tier) => (tier === "auto" ? grant.hlsUrl : grant.url(`aac-${tier}/index.m3u8`));
  const nameOf = (tier) => (tier === "auto" ? null : `aac-${tier}`);
  return playFile(audio, { choice, startS, on, address, nameOf });
}

/** A whole Ogg Vorbis file; the browser asks for the byte ranges it wants. */
function openOgg(audio, { grant, choice, startS, on }) {
  const address = (tier) => grant.url(`vorbis-${tier}.ogg`);
  const nameOf = (tier) => `vorbis-${tier}`;
  const stopMeasuring = measureRanges(grant, on);
  const source = playFile(audio, { choice, startS, on, address, nameOf });
  return {
    ...source,
    detach() {
      stopMeasuring();
      source.detach();
    },
  };
}

function playFile(audio, { choice, startS, on, address, nameOf }) {
  let stop = new AbortController();

  function open(tier, positionS) {
    stop.abort();
    stop = new AbortController();
    const { signal } = stop;
    audio.addEventListener("loadedmetadata", () => (audio.currentTime = positionS), { once: true, signal });
    audio.addEventListener("error", () => on.failure(describe(audio.error)), { once: true, signal });
    audio.src = address(tier);
    on.rendition(nameOf(tier));
  }

  open(choice, startS);
  return {
    choose(tier) {
      const [positionS, wasPaused] = [audio.currentTime, audio.paused];
      open(tier, positionS);
      if (!wasPaused) audio.play().catch(() => {}); // A refusal arrives as the "error" event.
    },
    detach() {
      stop.abort();
      audio.removeAttribute("src");
      audio.load();
    },
  };
}

/** An element hides the HTTP status: what is not a broken decode may be an expired grant. */
function describe(error) {
  const expired = error?.code !== MediaError.MEDIA_ERR_DECODE;
  return { expired, message: error?.message || "the browser could not play this file" };
}

/** Bandwidth of the element's own range requests, from the browser's resource timing. */
function measureRanges(grant, on) {
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const spentMs = entry.responseEnd - entry.requestStart;
      // Sizes are 0 where another origin does not allow timing; tiny answers measure latency.
      if (!entry.name.startsWith(grant.baseUrl) || entry.encodedBodySize < 16_384) continue;
      if (entry.name.includes(".ogg") && spentMs > 0) on.bandwidth((entry.encodedBodySize * 8e3) / spentMs);
    }
  });
  observer.observe({ type: "resource" });
  return () => observer.disconnect();
}
