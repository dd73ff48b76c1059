/**
 * The one place that moves the scroll of the timeline.
 *
 * A change is made between measuring and putting right: a reader at the end stays at the
 * end, any other reader goes on seeing the same line at the same height. Whether they are
 * at the end is judged before the change.
 */
export const NEAR_PX = 100;

export class ScrollKeeper {
  /** Whether the reader follows the end. */
  following = true;
  #scroller;
  #rows;
  #reachesEnd;
  #anchor = null;
  #shape = "";
  /** Where a row was brought to: not the reader's doing, however near the end it is. */
  #brought = null;

  /**
   * @param {Element} scroller
   * @param {Element} rows
   * @param {() => boolean} reachesEnd whether the rows reach the newest message: the end of
   *   a window in the middle of the history is not worth following
   */
  constructor(scroller, rows, reachesEnd) {
    this.#scroller = scroller;
    this.#rows = rows;
    this.#reachesEnd = reachesEnd;
  }

  get distanceToEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    return scrollHeight - scrollTop - clientHeight;
  }

  get atEnd() {
    return this.#reachesEnd() && this.distanceToEnd <= NEAR_PX;
  }

  /** The reader (or we) scrolled; or the browser, because something changed its size. */
  scrolled() {
    if (this.#shape !== this.#shapeNow()) return this.resized();
    this.#judge();
    return this.#settle();
  }

  /** Change the rows without moving what the reader sees. */
  keep(change) {
    // A scroll that the browser has not told us of yet counts as well.
    if (this.#shape === this.#shapeNow()) this.#judge();
    const anchor = this.following ? null : this.#measure();
    change();
    if (this.following) this.toEnd();
    else this.#restore(anchor);
  }

  /** The window or the composer changed its size, not the reader their place. */
  resized() {
    if (this.following) this.toEnd();
    else this.#restore(this.#anchor);
  }

  toEnd() {
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
    this.#brought = null;
    this.following = this.#reachesEnd();
    this.#settle();
  }

  /**
   * Bring a row to `offset` pixels below the upper edge.
   * @returns {boolean} whether there were rows enough for that
   */
  to(row, offset) {
    this.#scroller.scrollTop += this.#top(row) - offset;
    this.#brought = this.#scroller.scrollTop;
    this.following = this.#reachesEnd() && this.distanceToEnd < 2;
    this.#settle();
    return Math.abs(this.#top(row) - offset) < 2;
  }

  /** Where the reader was last: {seq, offset} of the first line they saw; null at the end. */
  get lastPlace() {
    const anchor = this.#anchor;
    return anchor && { seq: Number(anchor.row.dataset.seq), offset: Math.round(anchor.offset) };
  }

  #top(row) {
    return row.getBoundingClientRect().top - this.#scroller.getBoundingClientRect().top;
  }

  /**
   * The row that must not move: the first whose upper edge is in view. The very first row
   * is the last choice, for it loses its name when an older one of its author comes above.
   */
  #measure() {
    const { top, bottom } = this.#scroller.getBoundingClientRect();
    let second = null;
    for (const row of this.#rows.children) {
      if (!row.dataset.seq) continue;
      const box = row.getBoundingClientRect();
      if (box.top >= bottom) break;
      if (box.bottom <= top) continue;
      const anchor = { row, offset: box.top - top };
      if (box.top >= top - 1 && row !== this.#firstRow) return anchor;
      second ??= anchor;
    }
    return second;
  }

  get #firstRow() {
    return this.#rows.querySelector(":scope > .message");
  }

  #judge() {
    if (this.#scroller.scrollTop === this.#brought) return;
    this.#brought = null;
    this.following = this.atEnd;
  }

  #restore(anchor) {
    if (anchor?.row.isConnected) {
      const wasBrought = this.#scroller.scrollTop === this.#brought;
      const moved = this.#top(anchor.row) - anchor.offset;
      if (moved !== 0) this.#scroller.scrollTop += moved;
      if (wasBrought) this.#brought = this.#scroller.scrollTop;
    }
    this.#settle();
  }

  #settle() {
    this.#shape = this.#shapeNow();
    this.#anchor = this.following ? null : this.#measure();
  }

  #shapeNow() {
    return `${this.#scroller.scrollHeight}/${this.#scroller.clientHeight}`;
  }
}
