/** Where the reader left each room, for as long as the tab lives; the end needs no memory. */

const KEY = "chat-places";

export class Places {
  #places;

  constructor(store) {
    this.store = store;
    try {
      this.#places = JSON.parse(store.getItem(KEY) ?? "{}");
    } catch {
      this.#places = {};
    }
  }

  /** @returns {{seq: number, offset: number}|null} */
  of(room) {
    return this.#places[room] ?? null;
  }

  keep(room, place) {
    if (place) this.#places[room] = place;
    else delete this.#places[room];
    try {
      this.store.setItem(KEY, JSON.stringify(this.#places));
    } catch (error) {
      console.warn("The place in the room could not be kept:", error);
    }
  }
}
