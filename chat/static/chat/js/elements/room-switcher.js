/** Ctrl+K: write a part of a room's name, Enter goes there. A combobox with a listbox. */
import { belongsToInputMethod, watchComposition } from "../helpers/composing.js";
import { findRooms } from "../models/room-list.js";
import { gettext } from "../helpers/i18n.js";
import { icon, make } from "../helpers/dom.js";
import { unreadCount } from "../models/unread.js";

const MOST = 12;

export function openRoomSwitcher(page) {
  if (document.querySelector("dialog[open]")) return;
  new RoomSwitcher(page).open();
}

class RoomSwitcher {
  #page;
  #at = 0;
  #found = [];

  constructor(page) {
    this.#page = page;
  }

  open() {
    const label = gettext("Jump to a room");
    this.field = make("input.input.switcher-field", {
      type: "text",
      role: "combobox",
      placeholder: label,
      "aria-label": label,
      "aria-expanded": "true",
      "aria-controls": "switcher-list",
      "aria-autocomplete": "list",
      autocomplete: "off",
      dir: "auto",
    });
    this.list = make("ul.switcher-list", { role: "listbox", id: "switcher-list", "aria-label": label });
    this.dialog = make("dialog.dialog.switcher", { "aria-label": label }, this.field, this.list);
    watchComposition(this.field);
    this.field.addEventListener("input", () => this.#find());
    this.field.addEventListener("keydown", (event) => this.#key(event));
    this.list.addEventListener("click", ({ target }) => this.#click(target.closest("li")));
    this.dialog.addEventListener("click", ({ target }) => target === this.dialog && this.dialog.close());
    this.dialog.addEventListener("close", () => this.dialog.remove());
    document.body.append(this.dialog);
    this.#find();
    this.dialog.showModal();
    this.field.focus();
  }

  #find() {
    const { rooms } = this.#page.session;
    const query = this.field.value.trim();
    const found = findRooms(rooms.sorted, query);
    if (query === "") found.sort((a, b) => (unreadCount(b) > 0) - (unreadCount(a) > 0));
    this.#found = found.slice(0, MOST);
    this.#at = 0;
    this.#draw();
  }

  #draw() {
    const options = this.#found.map((entry, at) => optionOf(entry, at, at === this.#at));
    const none = make("li.switcher-none", { role: "presentation" }, gettext("No room of yours has this name."));
    this.list.replaceChildren(...(options.length > 0 ? options : [none]));
    const active = options[this.#at];
    if (active) this.field.setAttribute("aria-activedescendant", active.id);
    else this.field.removeAttribute("aria-activedescendant");
    active?.scrollIntoView({ block: "nearest" });
  }

  #key(event) {
    if (belongsToInputMethod(event)) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && this.#found.length > 0) {
      event.preventDefault();
      this.#at = (this.#at + step + this.#found.length) % this.#found.length;
      this.#draw();
    } else if (event.key === "Enter") {
      event.preventDefault();
      this.#go(this.#found[this.#at]);
    }
  }

  #click(item) {
    if (item?.dataset.at) this.#go(this.#found[Number(item.dataset.at)]);
  }

  #go(entry) {
    if (!entry) return;
    this.dialog.close();
    this.#page.go(entry.facts.id);
  }
}

function optionOf(entry, at, isActive) {
  const { facts } = entry;
  const unread = unreadCount(entry);
  return make(
    "li.switcher-option",
    { role: "option", id: `switcher-${at}`, "aria-selected": String(isActive), "data-at": at },
    icon(facts.kind === "open" ? "hash" : "lock"),
    make("span.room-link-name", { dir: "auto" }, facts.name),
    unread > 0 && make("span.badge.accent", {}, String(unread)),
  );
}
