// Asking for the key, where there is none or the server does not take it.

import { getKey, setKey } from "./key.js";

const panel = document.getElementById("key-panel");
const field = document.getElementById("key-field");
const complaint = document.getElementById("key-complaint");

/** Show the field; call `then` when a key has been given. `error` says why the last one failed. */
export function askForKey(error, then) {
  complaint.textContent = error && getKey() ? `The server does not take this key: ${error.message}` : "";
  panel.hidden = false;
  field.value = "";
  field.focus();
  panel.onsubmit = (event) => {
    event.preventDefault();
    setKey(field.value);
    then();
  };
}

export function forgetComplaint() {
  panel.hidden = true;
  field.value = "";
  complaint.textContent = "";
}
