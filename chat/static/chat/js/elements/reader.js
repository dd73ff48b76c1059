/** What the reader of a timeline has seen, where their unread begins, where they left. */
import { isAttentive, seenSeq } from "./attention.js";

export class Reader {
  /** The seq before which the divider stands, until the reader leaves the room. */
  firstUnread = null;
  /** The newest message that was in view, whether somebody looked or not. */
  #highest = 0;
  #timeline;

  constructor(timeline) {
    this.#timeline = timeline;
  }

  /** The reader comes into a room. */
  enter(log, firstUnread) {
    this.firstUnread = firstUnread;
    this.#highest = firstUnread === null ? log.lastSeq : firstUnread - 1;
  }

  /** What is in view is seen; what is not yet is counted. */
  look() {
    const { log, scroller, list, keeper, pill, session } = this.#timeline;
    const seen = seenSeq(scroller, list);
    if (isAttentive() && seen > 0) session.seen(seen);
    const isEnd = keeper.atEnd;
    this.#highest = isEnd ? log.lastSeq : Math.max(this.#highest, seen);
    const isFar = log.hasNewer || keeper.distanceToEnd > scroller.clientHeight;
    pill.show(Math.max(0, log.lastSeq - this.#highest), isFar);
  }

  /**
   * Messages came. If nobody looked, they stand under a divider, provided that all
   * before them was read.
   */
  came(messages, fresh) {
    if (fresh === 0 || isAttentive()) return;
    const { log, session } = this.#timeline;
    const before = log.lastSeq - fresh;
    const isOwn = ({ seq, author }) => seq > before && author.id === session.me.id;
    const isRead = session.entry && session.entry.last_read_seq >= before;
    if (isRead && !messages.some(isOwn)) this.firstUnread = before + 1;
  }

  /** Remember where the reader is; the end needs no memory. */
  keepPlace() {
    const { keeper, session, page } = this.#timeline;
    page.places.keep(session.room, keeper.following ? null : keeper.lastPlace);
  }
}
