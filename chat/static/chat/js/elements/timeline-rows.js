/** The rows in the document follow the items of the timeline, each under its key. */
import { gettext } from "../helpers/i18n.js";
import { make } from "../helpers/dom.js";
import { drawRow, makeRow } from "./message-row.js";

export class TimelineRows {
  #rows = new Map();

  /** @param {Element} container what holds the rows, and nothing else */
  constructor(container, page) {
    this.container = container;
    this.page = page;
  }

  clear() {
    this.#rows.clear();
    this.container.replaceChildren();
  }

  /** The row of a message, by its seq. */
  at(seq) {
    return this.#rows.get(`m${seq}`);
  }

  get divider() {
    return this.#rows.get("unread");
  }

  /** Bring the document to `items`; rows that stay are not moved or made again. */
  draw(items) {
    const wanted = new Map(items.map((item) => [item.key, this.#rowFor(item)]));
    const kept = new Set(wanted.values());
    for (const row of this.#rows.values()) if (!kept.has(row)) row.remove();
    this.#rows = wanted;
    let place = this.container.firstChild;
    for (const row of wanted.values()) {
      if (row === place) place = place.nextSibling;
      else this.container.insertBefore(row, place);
    }
  }

  #rowFor(item) {
    if (item.kind === "day") return this.#rows.get(item.key) ?? dayLine(item, this.page);
    if (item.kind === "unread") return this.#rows.get(item.key) ?? unreadDivider();
    // A pending row becomes the stored one in its place: the nonce is the same.
    const pending = this.#rows.get(`n${item.message.nonce}`);
    const row = this.#rows.get(item.key) ?? pending ?? makeRow();
    drawRow(row, item, this.page);
    return row;
  }
}

function dayLine(item, page) {
  const facts = { datetime: page.times.dayOf(item.day), title: page.times.full(item.day) };
  const day = make("time", facts, page.times.day(item.day));
  return make("div.day-line", { role: "separator", "aria-label": page.times.day(item.day) }, day);
}

function unreadDivider() {
  const label = gettext("New messages");
  const facts = { role: "separator", "aria-label": label };
  return make("div.unread-divider", facts, make("span", {}, label));
}
