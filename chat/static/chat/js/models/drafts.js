/** What was written but not sent: one draft a room, kept in the browser's storage. */

const MOST = 200;

export class Drafts {
  #store;
  #key;

  /**
   * @param {Storage} store localStorage, or anything with getItem and setItem
   * @param {number} person whose drafts: two accounts may share a browser
   */
  constructor(store, person) {
    this.#store = store;
    this.#key = `chat-drafts-${person}`;
  }

  get(room) {
    return this.#all()[room] ?? "";
  }

  /** The rooms in which something waits unsent. */
  get rooms() {
    const written = Object.entries(this.#all()).filter(([, text]) => text.trim() !== "");
    return new Set(written.map(([room]) => Number(room)));
  }

  /** Keep the text; an empty one is forgotten. */
  set(room, text) {
    const drafts = this.#all();
    delete drafts[room];
    if (text) drafts[room] = text;
    const kept = Object.entries(drafts).slice(-MOST);
    try {
      this.#store.setItem(this.#key, JSON.stringify(Object.fromEntries(kept)));
    } catch (error) {
      // A full or forbidden storage must not stop anybody from writing.
      console.warn("The draft could not be kept:", error);
    }
  }

  #all() {
    try {
      return JSON.parse(this.#store.getItem(this.#key) ?? "{}") ?? {};
    } catch {
      return {};
    }
  }
}
