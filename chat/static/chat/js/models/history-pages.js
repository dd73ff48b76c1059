/** Reading history into a log: pages by HTTP, read again when a change overtook them. */

const TRIES = 4;
export const PAGE = 50;
/** Around a message: enough below it to fill a window, so that it comes to its place at once. */
const AROUND = 100;

export class HistoryPages {
  /** @param {(room, query) => Promise<object>} fetchPage reads one page; rejects when it cannot */
  constructor(fetchPage) {
    this.fetchPage = fetchPage;
  }

  older(log) {
    return this.#read(log, "before", () => ({ before: log.from, limit: PAGE }));
  }

  newer(log) {
    return this.#read(log, "after", () => ({ after: log.to, limit: PAGE }));
  }

  around(log, seq) {
    return this.#read(log, "around", () => ({ around: Math.max(1, seq), limit: AROUND }));
  }

  /** The newest messages, in place of whatever window there is. */
  newest(log) {
    return this.#read(log, "around", () => ({ around: Math.max(1, log.lastSeq), limit: PAGE }));
  }

  /** @returns {Promise<boolean>} whether the log changed */
  async #read(log, side, queryNow) {
    for (let tries = 0; tries < TRIES; tries += 1) {
      const asked = log.ask();
      const page = await this.fetchPage(log.room, queryNow());
      const outcome = log.merge(side, page, asked);
      if (outcome !== "stale") return outcome === "merged";
    }
    return false;
  }
}
