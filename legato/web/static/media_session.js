// The system's own media controls: lock screen, headphones, media keys.

export function bindMediaSession(player, commands) {
  const session = navigator.mediaSession;
  if (!session) return;
  const handlers = {
    play: () => player.audio.paused && commands.toggle(),
    pause: () => player.audio.paused || commands.toggle(),
    nexttrack: commands.next,
    previoustrack: commands.previous,
    seekto: ({ seekTime }) => player.seek(seekTime),
  };
  for (const [action, handler] of Object.entries(handlers)) session.setActionHandler(action, handler);

  let shown = null;
  player.addEventListener("change", () => {
    if (player.track === shown || !player.track) return;
    shown = player.track;
    session.metadata = new MediaMetadata({ title: shown.title ?? "", artist: shown.artist ?? "" });
  });
}
