/**
 * Loads history at the edges of a timeline, one page at a time, so that no two loads
 * move the scroll against each other.
 */
const NEAR_PX = 900;
const MOST_ROWS = 400;
const KEPT_ROWS = 300;

export class HistoryLoader {
  #timeline;
  #last = Promise.resolve();
  #loading = false;
  #failed = null;

  constructor(timeline) {
    this.#timeline = timeline;
  }

  /** How an edge that has more beyond it looks. */
  edge(side) {
    return this.#failed === side ? "failed" : "more";
  }

  /** Load what lies just outside the view. */
  nearEdges() {
    const { log, scroller, keeper } = this.#timeline;
    if (this.#loading || this.#failed) return;
    if (log.hasOlder && scroller.scrollTop < NEAR_PX) this.#load("before");
    else if (log.hasNewer && keeper.distanceToEnd < NEAR_PX) this.#load("after");
  }

  retry() {
    const side = this.#failed;
    this.#failed = null;
    if (side) this.#load(side);
  }

  around(seq) {
    return this.#queue((pages, log) => pages.around(log, seq));
  }

  /** One page below. */
  newer() {
    return this.#queue((pages, log) => pages.newer(log), "after");
  }

  newest() {
    return this.#queue((pages, log) => pages.newest(log));
  }

  /** A reader at the end of a long evening needs no thousand rows. */
  trimOldest() {
    const { log } = this.#timeline;
    if (log.attached && log.to - log.from >= MOST_ROWS) {
      log.trim("oldest", KEPT_ROWS);
      this.#timeline.draw();
    }
  }

  async #load(side) {
    this.#loading = true;
    const read = side === "before" ? "older" : "newer";
    const isDone = await this.#queue((pages, log) => pages[read](log), side);
    this.#loading = false;
    if (isDone) this.nearEdges();
  }

  /** @returns {Promise<boolean>} whether the log changed */
  #queue(read, side = null) {
    const run = this.#last.then(async () => {
      const { session, log } = this.#timeline;
      this.#timeline.silence();
      try {
        const isChanged = await read(session.pages, log);
        if (log === this.#timeline.log) this.#merged(log, side);
        return isChanged;
      } catch (refusal) {
        if (!refusal?.code) throw refusal;
        this.#failed = side;
        if (log === this.#timeline.log) this.#timeline.draw();
        return false;
      }
    });
    this.#last = run.catch(() => {});
    return run;
  }

  /** Rows far from the reader go in the same moment, so that there is one move of the scroll. */
  #merged(log, side) {
    this.#failed = null;
    if (side !== null && log.to - log.from >= MOST_ROWS) {
      log.trim(side === "before" ? "newest" : "oldest", KEPT_ROWS);
    }
    if (side !== null) this.#timeline.draw();
  }
}
