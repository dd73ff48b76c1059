/** `?`: which keys there are. */
import { gettext } from "../helpers/i18n.js";
import { iconButton, make } from "../helpers/dom.js";

/** What the command key is called on this machine. */
export const commandKey = () => (/Mac|iP(hone|ad|od)/.test(navigator.platform) ? "⌘" : "Ctrl");

const KEYS = () => [
  [["Enter"], gettext("Send the message")],
  [["Shift", "Enter"], gettext("Break the line")],
  [["↑"], gettext("Edit your last message (in the empty composer)")],
  [["Esc"], gettext("Back to the end and to the composer")],
  [[commandKey(), "K"], gettext("Jump to a room")],
  [["Alt", "↑"], gettext("Room above")],
  [["Alt", "↓"], gettext("Room below")],
  [["↑", "↓"], gettext("From message to message (in the timeline)")],
  [["Enter"], gettext("What to do with a message (in the timeline)")],
  [["E"], gettext("Edit the message (in the timeline)")],
  [["Del"], gettext("Redact the message (in the timeline)")],
  [["P"], gettext("Pin the message, or unpin it (as moderator)")],
  [["M"], gettext("Mute the author (as moderator)")],
  [["K"], gettext("Kick the author (as moderator)")],
  [["B"], gettext("Ban the author (as moderator)")],
  [["Z"], gettext("Undo what was just done (as moderator)")],
  [["!"], gettext("Report the message (in the timeline)")],
  [["?"], gettext("Show the keys")],
];

export function openKeysHelp() {
  if (document.querySelector("dialog[open]")) return;
  const dialog = make("dialog.dialog.keys-help", { "aria-labelledby": "keys-title" });
  const close = iconButton("x", gettext("Close"), { onclick: () => dialog.close() });
  const rows = KEYS().map(([keys, meaning]) =>
    make("div.keys-row", {}, make("dt", {}, ...keys.map((key) => make("kbd", {}, key))), make("dd", {}, meaning)),
  );
  dialog.append(
    make("header.dialog-head", {}, make("h2", { id: "keys-title" }, gettext("Keys")), close),
    make("dl.keys-list", {}, ...rows),
  );
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close());
  document.body.append(dialog);
  dialog.showModal();
}
