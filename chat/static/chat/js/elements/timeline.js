/** <chat-timeline>: the messages of the open room, and the reader's place in them. */
import { arrange } from "../models/grouping.js";
import { gettext } from "../helpers/i18n.js";
import { make } from "../helpers/dom.js";
import { Frame } from "./frame.js";
import { HistoryLoader } from "./history-loader.js";
import { MessageActions } from "./message-actions.js";
import { Reader } from "./reader.js";
import { RovingFocus } from "./roving-focus.js";
import { ScrollKeeper } from "./scroll-keeper.js";
import { TimelineEdge } from "./timeline-edges.js";
import { TimelinePill } from "./timeline-pill.js";
import { TimelineRows } from "./timeline-rows.js";
import { openingOf } from "./timeline-opening.js";
import { unplaced } from "./timeline-unplaced.js";

const READ_ALOUD_AGAIN_MS = 1_000;

export class ChatTimeline extends HTMLElement {
  #frame = new Frame(() => this.#drawLive());
  #linked = null;
  /** Where the reader was asked to be brought last: a message, or null for the end. */
  #aim = null;
  #quiet = null;
  #settled = false;
  /** Whether the rows in the document reach the newest message; the log may know of more. */
  #drawnToEnd = true;
  #isBehind = false;

  start(page) {
    this.page = page;
    this.session = page.session;
    this.#build();
    this.loader = new HistoryLoader(this);
    this.actions = new MessageActions(this);
    this.#listen();
    this.openRoom();
  }

  get log() {
    return this.session.log;
  }

  /** Show the open room, at the place that is right for this reader. */
  async openRoom() {
    this.#settled = false;
    this.#linked = null;
    this.keeper.following = true;
    this.silence();
    this.rows.clear();
    this.pill.show(0, false);
    if (this.session.bar || !this.log?.loaded) return this.#wait();
    // The list of rooms knows of more than this log: open once more when that is here.
    this.#isBehind = (this.session.entry?.last_seq ?? 0) > this.log.lastSeq;
    return this.#settleIn();
  }

  /** The newest message, whatever has to be loaded for it. */
  async toEnd() {
    this.#aim = null;
    this.#linked = null;
    if (this.log?.hasNewer) await this.loader.newest();
    this.draw();
    this.keeper.toEnd();
    this.#afterScroll();
  }

  /** Bring a message into view and mark it as the one that was linked to. */
  async toMessage(seq, { offset = null, mark = true } = {}) {
    const { log } = this;
    const aim = { seq };
    this.#aim = aim;
    if (seq < log.from || seq > log.to) await this.loader.around(seq);
    if (log !== this.log) return;
    // Meanwhile the reader went elsewhere; to the end, it may have to be loaded again.
    if (this.#aim !== aim) return this.#aim === null && log.hasNewer ? this.toEnd() : undefined;
    this.#linked = mark ? seq : null;
    this.keeper.following = false;
    this.draw();
    const row = this.rows.at(Math.min(Math.max(seq, log.from), log.to));
    if (!row) return this.keeper.toEnd();
    const top = offset ?? this.scroller.clientHeight / 4;
    // In a tall window one page may be too short to bring the row where it should be.
    while (!this.keeper.to(row, top) && log.hasNewer && row.isConnected) {
      if (!(await this.loader.newer()) || log !== this.log) return undefined;
    }
    return undefined;
  }

  /** Draw now what the log and the outbox say. */
  draw() {
    this.#frame.cancel();
    if (!this.log?.loaded || this.session.bar) return;
    this.keeper.keep(() => {
      const options = { dayOf: this.page.times.dayOf, firstUnread: this.reader.firstUnread };
      this.rows.draw(arrange(this.#messages(), options));
      this.#drawEdges();
      this.#drawnToEnd = this.log.attached;
    });
    this.roving.refresh();
    this.#markLinked();
  }

  /** New rows are not read out for a moment: what comes is history. */
  silence() {
    this.list.setAttribute("aria-live", "off");
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(
      () => this.list.setAttribute("aria-live", "polite"),
      READ_ALOUD_AGAIN_MS,
    );
  }

  #build() {
    const label = gettext("Messages");
    const facts = { role: "log", "aria-live": "polite", "aria-label": label };
    this.list = make("div.rows", facts);
    const before = make("div.edge.before");
    const after = make("div.edge.after");
    this.scroller = make("div.scroller", {}, before, this.list, after);
    this.before = new TimelineEdge(before, () => this.loader.retry());
    this.after = new TimelineEdge(after, () => this.loader.retry());
    this.pill = new TimelinePill(() => this.toEnd());
    this.replaceChildren(this.scroller, this.pill.element);
    this.rows = new TimelineRows(this.list, this.page);
    this.keeper = new ScrollKeeper(this.scroller, this.list, () => this.#drawnToEnd);
    this.roving = new RovingFocus(this.list);
    this.reader = new Reader(this);
  }

  #listen() {
    this.scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    new ResizeObserver(() => this.#resized()).observe(this.scroller);
    new ResizeObserver(() => this.#resized()).observe(this.list);
    this.session.opened.on(() => this.openRoom());
    this.session.barred.on(() => this.openRoom());
    this.session.advanced.on((log, news) => this.#advanced(log, news));
    for (const { changed } of [this.session.outbox, this.session.held]) {
      changed.on((room) => room === this.session.room && this.#frame.request());
    }
    window.addEventListener("focus", () => this.#afterScroll());
    document.addEventListener("visibilitychange", () => this.#afterScroll());
    this.session.connection.changedState.on((state) => state === "live" && this.loader.retry());
  }

  #wait() {
    this.before.show(this.session.bar ? "" : "more");
    this.after.show("");
  }

  async #settleIn() {
    const { log } = this;
    const opening = openingOf(this.page, log);
    this.reader.enter(log, opening.firstUnread);
    if (opening.seq === null) {
      this.draw();
      this.keeper.toEnd();
    } else await this.toMessage(opening.seq, opening);
    if (log !== this.log) return;
    this.#settled = true;
    this.#afterScroll();
  }

  #messages() {
    const { log, session } = this;
    return log.attached ? [...log.window, ...unplaced(session, log.room)] : log.window;
  }

  #drawEdges() {
    const { log } = this;
    this.before.show(log.hasOlder ? this.loader.edge("before") : "beginning", log.facts);
    this.after.show(log.hasNewer ? this.loader.edge("after") : "end");
  }

  #advanced(log, { fresh, messages, resumed, reset }) {
    if (log !== this.log) return;
    const isFirst = (reset && !this.#settled) || (resumed && this.#isBehind);
    if (resumed) this.#isBehind = false;
    if (isFirst) return void this.#settleIn();
    if (reset && !this.keeper.following) return void this.#returnTo(this.keeper.lastPlace);
    this.reader.came(messages, fresh);
    this.#frame.request();
  }

  #drawLive() {
    this.draw();
    if (this.keeper.following) this.loader.trimOldest();
    this.#afterScroll();
  }

  /** After a reset the rows around the reader are gone: read them again. */
  async #returnTo(place) {
    if (place && place.seq < this.log.from) await this.toMessage(place.seq, { ...place, mark: false });
    else this.draw();
    this.#afterScroll();
  }

  #scrolled() {
    this.keeper.scrolled();
    this.#afterScroll();
  }

  #resized() {
    this.keeper.resized();
    this.#afterScroll();
  }

  #afterScroll() {
    if (!this.#settled || !this.log?.loaded) return;
    this.reader.look();
    this.loader.nearEdges();
    this.reader.keepPlace();
  }

  #markLinked() {
    this.list.querySelector(".message.linked")?.classList.remove("linked");
    if (this.#linked !== null) this.rows.at(this.#linked)?.classList.add("linked");
  }
}
