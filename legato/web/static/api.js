// The HTTP API as functions. Every refusal becomes one ApiError.

import { getKey } from "./key.js";

export class ApiError extends Error {
  constructor({ status, code, message }) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
  }

  get wantsKey() {
    return this.status === 401;
  }
}

/** What a body says went wrong: `{error: {code, message}}`, or RFC 9457's `{title, detail, code}`. */
export function refusal(status, body) {
  const said = body?.error ?? body ?? {};
  const detail = Array.isArray(said.detail)
    ? said.detail.map((problem) => problem.msg).join("; ") // FastAPI's own validation
    : said.detail;
  const message = said.message ?? detail ?? said.title ?? `the server answered ${status}`;
  return new ApiError({ status, code: said.code ?? `http_${status}`, message });
}

const unreachable = () =>
  new ApiError({ status: 0, code: "unreachable", message: "The server does not answer." });

const authorization = () => ({ Authorization: `Bearer ${getKey() ?? ""}` });

async function call(path, options = {}) {
  let response;
  try {
    response = await fetch(path, { ...options, headers: authorization(), cache: "no-store" });
  } catch {
    throw unreachable();
  }
  const body = await response.json().catch(() => null);
  if (!response.ok) throw refusal(response.status, body);
  return body;
}

/** One page of the catalogue: `{tracks, next_cursor}`. */
export function listTracks(cursor = null) {
  const query = new URLSearchParams({ limit: "100", ...(cursor && { cursor }) });
  return call(`/v1/tracks?${query}`);
}

/** Open a playback: the signed addresses of one track. */
export function openPlayback(trackId) {
  return call(`/v1/tracks/${encodeURIComponent(trackId)}/play`, { method: "POST" });
}

/**
 * Send one master; resolves to the track it became.
 * XMLHttpRequest, because fetch does not tell how much has been sent.
 */
export function uploadMaster({ file, title, artist }, { onProgress, signal }) {
  const form = new FormData();
  // The fields stand before the file, so that a streaming reader knows them when the bytes come.
  if (title) form.append("title", title);
  if (artist) form.append("artist", artist);
  form.append("file", file, file.name);

  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", "/v1/tracks");
    request.responseType = "json";
    request.setRequestHeader("Authorization", authorization().Authorization);
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    };
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve(request.response);
      else reject(refusal(request.status, request.response));
    };
    request.onerror = () => reject(unreachable());
    request.onabort = () => reject(new DOMException("stopped", "AbortError"));
    signal?.addEventListener("abort", () => request.abort(), { once: true });
    request.send(form);
  });
}
