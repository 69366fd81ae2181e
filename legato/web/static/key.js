// The API key of this tab: taken from the address once, then kept out of it.

const SLOT = "legato.key";
let current = null;

/** Move `#key=…` from the address bar into the session; other fragments stay. */
export function takeKeyFromAddress() {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const key = fragment.get("key");
  if (!key) return false;
  setKey(key);
  fragment.delete("key");
  const rest = fragment.toString();
  history.replaceState(null, "", location.pathname + location.search + (rest && `#${rest}`));
  return true;
}

export function getKey() {
  if (current === null) {
    try {
      current = sessionStorage.getItem(SLOT);
    } catch {
      // Storage is barred in some private windows: the key then lives as long as the page.
    }
  }
  return current;
}

export function setKey(key) {
  current = key.trim();
  try {
    sessionStorage.setItem(SLOT, current);
  } catch {
    // As above.
  }
}
