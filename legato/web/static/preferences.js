// What the listener chose last time, on this device.

const SLOT = "legato.preferences";
const DEFAULTS = { protocol: "hls", hls: "auto", ogg: "160", volume: 1 };

function read() {
  try {
    return { ...DEFAULTS, ...JSON.parse(localStorage.getItem(SLOT)) };
  } catch {
    return { ...DEFAULTS }; // Barred or broken storage costs a memory, nothing else.
  }
}

export const preferences = read();

export function remember(changes) {
  Object.assign(preferences, changes);
  try {
    localStorage.setItem(SLOT, JSON.stringify(preferences));
  } catch {
    // As above.
  }
}
