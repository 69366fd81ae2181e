// Sending a master by tus: what a lost line has carried is not sent again, nor after a reload.

import { authorization, refusal, unreachable } from "./api.js";

// After each of these waits in milliseconds another attempt; what gets through starts them anew.
const RETRY_DELAYS_MS = [0, 1000, 3000, 5000, ...Array(60).fill(10_000)];
const WORTH_ANOTHER_TRY = new Set([0, 409, 423, 429]);

const statusOf = (error) => error.originalResponse?.getStatus() ?? 0;

/** Send one master; resolves when it is safe there. `onLost`: the line is down for now. */
export function uploadMaster({ file, title, artist }, { onProgress, onLost, signal }) {
  const metadata = { filename: file.name, ...(title && { title }), ...(artist && { artist }) };
  return new Promise((resolve, reject) => {
    const upload = new window.tus.Upload(file, {
      endpoint: "/v1/uploads",
      metadata,
      headers: authorization(),
      retryDelays: RETRY_DELAYS_MS,
      removeFingerprintOnSuccess: true,
      onProgress: (sent, total) => onProgress(total ? sent / total : 1),
      onShouldRetry: (error) => {
        const status = statusOf(error);
        const again = WORTH_ANOTHER_TRY.has(status) || status >= 500;
        if (again) onLost();
        return again;
      },
      onSuccess: () => resolve(),
      onError: (error) => reject(inOurWords(error)),
    });
    signal.addEventListener("abort", () => {
      upload.abort(true).catch(() => {}); // What cannot be ended there expires.
      reject(new DOMException("stopped", "AbortError"));
    }, { once: true });
    startOrResume(upload, metadata, signal).catch(reject);
  });
}

/** Go on with the same file, said to be the same, where it was left. */
async function startOrResume(upload, metadata, signal) {
  const said = JSON.stringify(metadata);
  const previous = await upload.findPreviousUploads();
  const same = previous.find((one) => JSON.stringify(one.metadata) === said);
  if (signal.aborted) return;
  if (same) upload.resumeFromPreviousUpload(same);
  upload.start();
}

function inOurWords(error) {
  if (!error.originalResponse) return unreachable();
  let body = null;
  try {
    body = JSON.parse(error.originalResponse.getBody());
  } catch {
    // Not from the server itself: its status has to do.
  }
  return refusal(statusOf(error), body);
}
