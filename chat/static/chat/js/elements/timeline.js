/** <chat-timeline>: the messages of the open room, and the reader's place in them. */
import { arrange } from "../models/grouping.js";
import { gettext } from "../helpers/i18n.js";
import { make } from "../helpers/dom.js";
import { isAttentive, seenSeq } from "./attention.js";
import { HistoryLoader } from "./history-loader.js";
import { MessageActions } from "./message-actions.js";
import { RovingFocus } from "./roving-focus.js";
import { ScrollKeeper } from "./scroll-keeper.js";
import { TimelineEdge } from "./timeline-edges.js";
import { TimelinePill } from "./timeline-pill.js";
import { TimelineRows } from "./timeline-rows.js";
import { openingOf } from "./timeline-opening.js";

const READ_ALOUD_AGAIN_MS = 1_000;

export class ChatTimeline extends HTMLElement {
  firstUnread = null;
  #frame = null;
  #highest = 0;
  #linked = null;
  #quiet = null;
  #settled = false;
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
    this.firstUnread = null;
    this.#highest = 0;
    this.#linked = null;
    this.keeper.following = true;
    this.#silence();
    this.rows.clear();
    this.pill.show(0, false);
    if (this.session.bar || !this.log?.loaded) return this.#wait();
    // The list of rooms knows of more than this log: open once more when that is here.
    this.#isBehind = (this.session.entry?.last_seq ?? 0) > this.log.lastSeq;
    return this.#settleIn();
  }

  /** The newest message, whatever has to be loaded for it. */
  async toEnd() {
    this.#linked = null;
    if (this.log?.hasNewer) await this.loader.newest();
    this.draw();
    this.keeper.toEnd();
    this.#afterScroll();
  }

  /** Bring a message into view and mark it as the one that was linked to. */
  async toMessage(seq, { offset = null, mark = true } = {}) {
    const { log } = this;
    if (seq < log.from || seq > log.to) await this.loader.around(seq);
    if (log !== this.log) return;
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
    if (this.#frame !== null) this.#cancelFrame();
    if (!this.log?.loaded || this.session.bar) return;
    this.keeper.keep(() => {
      const options = { dayOf: this.page.times.dayOf, firstUnread: this.firstUnread };
      this.rows.draw(arrange(this.#messages(), options));
      this.#drawEdges();
    });
    this.roving.refresh();
    this.#markLinked();
  }

  /** New rows are not read out for a moment: what comes is history. */
  silence() {
    this.#silence();
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
    this.keeper = new ScrollKeeper(this.scroller, this.list, () => this.log?.attached ?? false);
    this.roving = new RovingFocus(this.list);
  }

  #listen() {
    this.scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    new ResizeObserver(() => this.#resized()).observe(this.scroller);
    new ResizeObserver(() => this.#resized()).observe(this.list);
    this.session.opened.on(() => this.openRoom());
    this.session.barred.on(() => this.openRoom());
    this.session.advanced.on((log, news) => this.#advanced(log, news));
    this.session.outbox.changed.on((room) => room === this.session.room && this.#schedule());
    for (const event of ["focus", "visibilitychange"]) {
      const target = event === "focus" ? window : document;
      target.addEventListener(event, () => this.#look());
    }
    this.session.connection.changedState.on((state) => state === "live" && this.loader.retry());
    window.addEventListener("pagehide", () => this.#keepPlace());
  }

  #wait() {
    this.before.show(this.session.bar ? "" : "more");
    this.after.show("");
  }

  async #settleIn() {
    const { log } = this;
    const opening = openingOf(this.page, log);
    this.firstUnread = opening.firstUnread;
    this.#highest = opening.firstUnread === null ? log.lastSeq : opening.firstUnread - 1;
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
    if (!log.attached) return log.window;
    const waiting = session.outbox.of(log.room).map((entry) => ({
      ...entry,
      author: session.me,
      created_at: new Date(entry.at).toISOString(),
    }));
    return [...log.window, ...waiting];
  }

  #drawEdges() {
    const { log } = this;
    this.before.show(log.hasOlder ? this.loader.edge("before") : "beginning", log.facts);
    this.after.show(log.hasNewer ? this.loader.edge("after") : "end");
  }

  #advanced(log, { fresh, messages, resumed, reset }) {
    if (log !== this.log) return;
    const isFirst = reset ? !this.#settled : resumed && this.#isBehind;
    if (resumed) this.#isBehind = false;
    if (isFirst) return void this.#settleIn();
    if (reset && !this.keeper.following) return void this.#returnTo(this.keeper.lastPlace);
    if (fresh > 0 && !isAttentive()) this.#divide(messages, log.lastSeq - fresh);
    this.#schedule();
  }

  /** After a reset the rows around the reader are gone: read them again. */
  async #returnTo(place) {
    if (place && place.seq < this.log.from) await this.toMessage(place.seq, { ...place, mark: false });
    else this.draw();
    this.#afterScroll();
  }

  /** Nobody looked: what comes now stands under a divider, if all before it was read. */
  #divide(messages, lastSeq) {
    const { entry, me } = this.session;
    const isOwn = ({ seq, author }) => seq > lastSeq && author.id === me.id;
    if (entry && entry.last_read_seq >= lastSeq && !messages.some(isOwn)) {
      this.firstUnread = lastSeq + 1;
    }
  }

  #schedule() {
    if (this.#frame !== null) return;
    const draw = () => {
      this.#frame = null;
      this.draw();
      if (this.keeper.following) this.loader.trimOldest();
      this.#afterScroll();
    };
    // A hidden page gets no animation frames, but its title and rows should be right.
    this.#frame = document.hidden
      ? { timer: setTimeout(draw, 50) }
      : { frame: requestAnimationFrame(draw) };
  }

  #cancelFrame() {
    if (this.#frame.timer) clearTimeout(this.#frame.timer);
    else cancelAnimationFrame(this.#frame.frame);
    this.#frame = null;
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
    this.#look();
    this.loader.nearEdges();
    this.#keepPlace();
  }

  /** What is in view is seen; what is not yet is counted. */
  #look() {
    const { log } = this;
    if (!this.#settled || !log?.loaded) return;
    const seen = seenSeq(this.scroller, this.list);
    this.#highest = Math.max(this.#highest, seen);
    if (isAttentive() && seen > 0) this.session.seen(seen);
    const isEnd = this.keeper.atEnd;
    if (isEnd) this.#highest = log.lastSeq;
    const far = log.hasNewer || this.keeper.distanceToEnd > this.scroller.clientHeight;
    this.pill.show(isEnd ? 0 : Math.max(0, log.lastSeq - this.#highest), far);
  }

  #keepPlace() {
    if (!this.#settled || !this.session.room) return;
    const isEnd = this.keeper.following;
    this.page.places.keep(this.session.room, isEnd ? null : this.keeper.lastPlace);
  }

  #markLinked() {
    this.list.querySelector(".message.linked")?.classList.remove("linked");
    if (this.#linked !== null) this.rows.at(this.#linked)?.classList.add("linked");
  }

  #silence() {
    this.list.setAttribute("aria-live", "off");
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(
      () => this.list.setAttribute("aria-live", "polite"),
      READ_ALOUD_AGAIN_MS,
    );
  }
}
