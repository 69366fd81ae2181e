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

/** What a problem detail (RFC 9457) says went wrong, or the status where a body is none. */
export function refusal(status, body) {
  const message = body?.detail ?? body?.title ?? `the server answered ${status}`;
  return new ApiError({ status, code: body?.code ?? `http_${status}`, message });
}

export const unreachable = () =>
  new ApiError({ status: 0, code: "unreachable", message: "The server does not answer." });

export const authorization = () => ({ Authorization: `Bearer ${getKey() ?? ""}` });

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
