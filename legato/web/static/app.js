// The page: its parts, and who tells whom.

import { Catalogue } from "./catalogue.js";
import { askForKey, forgetComplaint } from "./key_panel.js";
import { bindKeyboard } from "./keyboard.js";
import { getKey, takeKeyFromAddress } from "./key.js";
import { bindMediaSession } from "./media_session.js";
import { Player } from "./player.js";
import { PlayerBar } from "./player_bar.js";
import { Uploads } from "./upload.js";

const element = (id) => document.getElementById(id);

const audio = element("audio");
const player = new Player(audio);
const catalogue = new Catalogue(element("catalogue"), {
  onPick: (track) => (track.track_id === player.track?.track_id ? player.toggle() : player.play(track)),
  onLockedOut: (error) => lockOut(error),
});

/** The neighbour of what plays; with nothing chosen yet, the first. */
function step(offset) {
  const track = catalogue.neighbour(player.track?.track_id, offset);
  if (track) player.play(track);
}

const commands = {
  toggle: () => (player.track ? player.toggle() : step(1)),
  next: () => step(1),
  // As players do: back to the start first, and from there to the track before.
  previous: () => (player.positionS > 3 || !catalogue.neighbour(player.track?.track_id, -1) ? player.seek(0) : step(-1)),
};

const bar = new PlayerBar(element("player"), player, commands);
const uploads = new Uploads(element("upload"), {
  onAccepted: () => catalogue.refresh(),
  onLockedOut: (error) => lockOut(error),
});
bindKeyboard(player, commands, bar);
bindMediaSession(player, commands);

player.addEventListener("ended", () => step(1));
player.addEventListener("refused", ({ detail }) => detail.wantsKey && lockOut(detail));
player.addEventListener("change", () => catalogue.mark(player.track?.track_id, player.state));

function lockOut(error = null) {
  catalogue.stop();
  element("studio").hidden = true;
  element("shortcuts").hidden = true;
  askForKey(error, open);
}

function open() {
  forgetComplaint();
  element("studio").hidden = false;
  element("shortcuts").hidden = false;
  element("player").hidden = false;
  catalogue.refresh();
}

window.addEventListener("hashchange", () => takeKeyFromAddress() && open());
takeKeyFromAddress();
if (getKey()) open();
else lockOut();

// For tests, and for the curious at the console.
window.legato = {
  audio,
  player,
  catalogue,
  uploads,
  get hls() {
    return player.hls;
  },
};
