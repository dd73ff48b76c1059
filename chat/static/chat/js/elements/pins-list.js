/** What is pinned in the room: a list over the page, each with the way to its message. */
import { gettext } from "../helpers/i18n.js";
import { iconButton, make } from "../helpers/dom.js";
import { writeText } from "./message-text.js";

export function openPins(page) {
  if (document.querySelector("dialog[open]")) return;
  const { pins } = page.moderation;
  const list = make("ul.pins-list", { role: "list" });
  const dialog = make("dialog.dialog.drawer", { "aria-labelledby": "pins-title" });
  const close = iconButton("x", gettext("Close"), { onclick: () => dialog.close() });
  const title = make("h2", { id: "pins-title" }, gettext("Pinned messages"));
  const draw = () => {
    const none = make("li.pins-none", {}, gettext("Nothing is pinned here."));
    const drawn = pins.list.map((message) => pinOf(message, dialog, page));
    list.replaceChildren(...(drawn.length > 0 ? drawn : [none]));
    if (!dialog.contains(document.activeElement)) close.focus();
  };
  const stop = pins.changed.on(draw);
  const leave = page.session.opened.on(() => dialog.close());
  dialog.append(make("div.dialog-head", {}, title, close), list);
  dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close());
  dialog.addEventListener("close", () => {
    stop();
    leave();
    dialog.remove();
  });
  document.body.append(dialog);
  dialog.showModal();
  draw();
}

function pinOf(message, dialog, page) {
  const { author, created_at: at, room, seq } = message;
  const body = make("div.pin-body", { dir: "auto" });
  writeText(body, message.body);
  const href = `/rooms/${room}/#m${seq}`;
  const go = make("a.button", { href, onclick: () => dialog.close() }, gettext("Show it"));
  const onclick = () => page.acts.togglePin(message);
  const unpin = page.acts.leads && iconButton("pin-off", gettext("Unpin"), { onclick });
  const name = make("strong.message-author", { dir: "auto" }, author.name);
  const time = make("time", { datetime: at, title: page.times.full(at) }, page.times.moment(at));
  const head = make("div.message-head", {}, name, " ", time);
  return make("li.pin", {}, head, body, make("div.actions", {}, go, unpin));
}
