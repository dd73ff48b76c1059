/** What the elements of the page share: the session, and the way between rooms. */
import { copyText } from "../helpers/clipboard.js";
import { gettext } from "../helpers/i18n.js";
import { titleWith } from "../models/unread.js";
import { sayFarewell } from "./farewell.js";
import { linkedSeq } from "./timeline-opening.js";

const ROOM = /^\/rooms\/(\d+)\/$/;

/** The room of an address of this site; null for any other address. */
export function roomOf(url) {
  const found = url.origin === location.origin && ROOM.exec(url.pathname);
  return found ? Number(found[1]) : null;
}

export class Page {
  constructor(parts) {
    Object.assign(this, parts);
  }

  /** Open a room without loading a page. */
  go(room, hash = "") {
    const address = `/rooms/${room}/${hash}`;
    if (location.pathname + location.hash !== address) history.pushState(null, "", address);
    this.sides.closeDrawers();
    if (room !== this.session.room) this.session.open(room);
    else if (hash) this.showLinked();
    if (!matchMedia("(pointer: coarse)").matches) this.focusComposer();
  }

  /** The room `step` further down (or up) in the list. */
  goBy(step) {
    const { rooms, room } = this.session;
    const ids = rooms.sorted.map(({ facts }) => facts.id);
    if (ids.length === 0) return;
    this.go(ids.at((ids.indexOf(room) + step) % ids.length));
  }

  /** The address changed by the browser's own buttons, or by hand. */
  followAddress() {
    const room = roomOf(new URL(location.href));
    if (room === null) location.reload();
    else if (room === this.session.room) this.showLinked();
    else this.session.open(room);
  }

  showLinked() {
    const seq = linkedSeq();
    const { log } = this.session;
    if (seq !== null && log.loaded && seq <= log.lastSeq) this.timeline.toMessage(seq);
  }

  /** Back from a linked message: the address is the room's own again. */
  leaveLink() {
    if (location.hash) history.replaceState(null, "", location.pathname);
  }

  async copy(text) {
    await copyText(text);
    this.session.status.say(gettext("Copied."));
  }

  /** Say it, where something that was asked of the server is refused. */
  async tried(asked) {
    try {
      await asked;
    } catch (refusal) {
      if (!refusal?.code) throw refusal;
      this.session.status.say(refusal.text || gettext("The server cannot be reached."));
    }
  }

  /** The server has put this person out: nothing of the page is left to use. */
  end(notice) {
    this.isOver = true;
    sayFarewell(notice, this);
  }

  focusComposer() {
    this.composer.focusField();
  }

  showTitle() {
    if (this.isOver) return;
    const { rooms, log, entry, bar } = this.session;
    const name = bar ? "" : ((log?.facts ?? entry?.facts)?.name ?? "");
    document.title = titleWith(rooms.unread, name, this.site);
    if (rooms.unread > 0) navigator.setAppBadge?.(rooms.unread).catch(() => {});
    else navigator.clearAppBadge?.().catch(() => {});
  }
}
