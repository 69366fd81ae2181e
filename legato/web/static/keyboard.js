// The keys of a player, wherever the focus is, unless something there needs them itself.

const STEP_S = 5;
const VOLUME_STEP = 0.05;

export function bindKeyboard(player, commands, bar) {
  const { audio } = player;
  const keys = {
    " ": commands.toggle,
    ArrowLeft: () => player.seek(player.positionS - STEP_S),
    ArrowRight: () => player.seek(player.positionS + STEP_S),
    ArrowUp: () => player.setVolume(audio.volume + VOLUME_STEP),
    ArrowDown: () => player.setVolume(audio.volume - VOLUME_STEP),
    j: commands.next,
    k: commands.previous,
    m: () => (audio.muted = !audio.muted),
  };

  document.addEventListener("keydown", (event) => {
    const act = keys[event.key];
    if (!act || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (isTakenBy(event.target, event.key) || bar.root.hidden) return;
    // With no track loaded the arrows scroll, as everywhere.
    if (event.key.startsWith("Arrow") && !player.track) return;
    event.preventDefault();
    act();
  });
}

/** Whether the focused element has a use for this key. */
function isTakenBy(target, key) {
  const type = target.matches?.("input") ? target.type : target.localName;
  if (["textarea", "select", "text", "password", "search", "email", "url"].includes(type)) return true;
  if (["button", "a", "summary", "file"].includes(type)) return key === " " && type !== "a";
  if (type === "radio") return key.startsWith("Arrow");
  if (type === "range") return key.startsWith("Arrow") && target.id !== "seek";
  return false;
}
