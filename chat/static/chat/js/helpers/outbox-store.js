/**
 * Keeps the outbox in IndexedDB, one database an account. Where the browser has none
 * (private windows of some), entries live as long as the page.
 */
const STORE = "entries";

function openDatabase(name) {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(name, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "nonce" });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

export class OutboxStore {
  #database;
  #last = Promise.resolve();

  constructor(person) {
    this.#database = openDatabase(`chat-outbox-${person}`).catch((error) => {
      console.warn("What waits to be sent will not outlive this page:", error);
      return null;
    });
  }

  put(entry) {
    const { sentence = "", ...kept } = entry;
    return this.#run("readwrite", (store) => store.put({ ...kept, sentence }));
  }

  remove(nonce) {
    return this.#run("readwrite", (store) => store.delete(nonce));
  }

  async all() {
    return (await this.#run("readonly", (store) => store.getAll())) ?? [];
  }

  /** One after the other, so that a removal never overtakes its own entry. */
  #run(mode, act) {
    this.#last = this.#last.then(async () => {
      const database = await this.#database;
      if (database === null) return null;
      // "strict": on the disk before we are told so (Chromium's default is relaxed).
      const transaction = database.transaction(STORE, mode, { durability: "strict" });
      return done(act(transaction.objectStore(STORE))).catch((error) => {
        console.warn("The outbox could not be kept:", error);
        return null;
      });
    });
    return this.#last;
  }
}
