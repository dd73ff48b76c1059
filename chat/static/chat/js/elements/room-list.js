/** <chat-room-list>: my rooms, with what is unread and where something waits unsent. */
import { gettext, interpolate, ngettext } from "../helpers/i18n.js";
import { icon, make } from "../helpers/dom.js";
import { unreadCount } from "../models/unread.js";

const ICONS = { open: "hash", private: "lock", direct: "user" };
const SETTLE_MS = 80;

export class ChatRoomList extends HTMLElement {
  #links = new Map();
  #timer = null;

  start(page) {
    this.page = page;
    this.session = page.session;
    this.list = make("ul.room-list", { role: "list" });
    this.empty = make("p.room-list-empty", {}, gettext("You are in no room yet."));
    this.replaceChildren(this.list, this.empty);
    this.session.rooms.changed.on(() => this.#schedule());
    this.session.opened.on(() => this.#draw());
    this.#draw();
    this.list.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  }

  /** Not at once: what arrives in view is read in the same moment, and needs no badge. */
  #schedule() {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#draw();
    }, SETTLE_MS);
  }

  #draw() {
    const entries = this.session.rooms.sorted;
    const drafts = this.page.drafts.rooms;
    const links = new Map();
    for (const entry of entries) {
      const { id } = entry.facts;
      const item = this.#links.get(id) ?? make("li");
      this.#drawItem(item, entry, drafts.has(id));
      links.set(id, item);
    }
    this.#links = links;
    this.empty.hidden = entries.length > 0;
    const items = [...links.values()];
    const isSame =
      items.length === this.list.children.length &&
      items.every((item, at) => item === this.list.children[at]);
    if (!isSame) this.list.replaceChildren(...items);
  }

  #drawItem(item, entry, hasDraft) {
    const { facts } = entry;
    const isOpen = facts.id === this.session.room;
    const unread = unreadCount(entry);
    const isDraft = !isOpen && hasDraft;
    const signature = [facts.name, facts.kind, facts.archived, unread, isDraft, isOpen].join("|");
    if (item.signature === signature) return;
    item.signature = signature;
    const link = make(
      "a.room-link",
      { href: `/rooms/${facts.id}/`, "data-room": facts.id, "aria-current": isOpen && "page" },
      icon(facts.archived ? "archive" : ICONS[facts.kind]),
      make("span.room-link-name", { dir: "auto", title: facts.name }, facts.name),
      isDraft && draftMark(),
      unread > 0 && badge(unread),
    );
    link.classList.toggle("unread", unread > 0);
    link.classList.toggle("archived", facts.archived);
    // A redraw must not take the focus away from whoever walks through the list by keys.
    const hadFocus = item.contains(document.activeElement);
    item.replaceChildren(link);
    if (hadFocus) link.focus();
  }
}

function badge(unread) {
  const shown = unread > 999 ? "999+" : String(unread);
  const said = interpolate(ngettext("%(count)s unread", "%(count)s unread", unread), { count: unread });
  return make(
    "span.badge.accent",
    {},
    make("span", { "aria-hidden": "true" }, shown),
    make("span.visually-hidden", {}, said),
  );
}

function draftMark() {
  const label = gettext("A draft waits here");
  return make("span.draft-mark", { title: label }, icon("pencil"), make("span.visually-hidden", {}, label));
}
