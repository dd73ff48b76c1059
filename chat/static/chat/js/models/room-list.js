/** My rooms: their facts, my role, how far I have read. */
import { Signal } from "./signal.js";
import { unreadCount } from "./unread.js";

export class RoomList {
  changed = new Signal();
  #entries = new Map();
  #collator;

  constructor(language) {
    this.#collator = new Intl.Collator(language, { numeric: true, sensitivity: "base" });
  }

  get(room) {
    return this.#entries.get(room);
  }

  /** By name, archived rooms last. */
  get sorted() {
    return [...this.#entries.values()].sort(
      (a, b) =>
        a.facts.archived - b.facts.archived ||
        this.#collator.compare(a.facts.name, b.facts.name) ||
        a.facts.id - b.facts.id,
    );
  }

  get unread() {
    return [...this.#entries.values()].reduce((total, entry) => total + unreadCount(entry), 0);
  }

  /** The list as the server has it now; what we know of reading further stays. */
  replace(entries) {
    const before = this.#entries;
    this.#entries = new Map();
    for (const entry of entries) this.#put(entry, before.get(entry.facts.id));
    this.changed.emit();
  }

  put(entry) {
    this.#put(entry, this.#entries.get(entry.facts.id));
    this.changed.emit();
  }

  remove(room) {
    if (this.#entries.delete(room)) this.changed.emit();
  }

  learnFacts(facts) {
    const entry = this.#entries.get(facts.id);
    if (!entry || facts.revision <= entry.facts.revision) return;
    entry.facts = facts;
    this.changed.emit();
  }

  grow(room, lastSeq) {
    const entry = this.#entries.get(room);
    if (!entry || lastSeq <= entry.last_seq) return;
    entry.last_seq = lastSeq;
    this.changed.emit();
  }

  read(room, seq) {
    const entry = this.#entries.get(room);
    if (!entry || seq <= entry.last_read_seq) return;
    entry.last_read_seq = seq;
    this.changed.emit();
  }

  /** A store that went back in time: nothing that we knew of reading holds any more. */
  forget() {
    this.#entries.clear();
  }

  #put(entry, known) {
    const readTo = Math.max(entry.last_read_seq, known?.last_read_seq ?? 0);
    const lastSeq = Math.max(entry.last_seq, known?.last_seq ?? 0);
    const facts =
      known && known.facts.revision > entry.facts.revision ? known.facts : entry.facts;
    this.#entries.set(entry.facts.id, {
      ...entry,
      facts,
      last_seq: lastSeq,
      last_read_seq: readTo,
    });
  }
}

/** The rooms whose name holds all words of the query, the best match first. */
export function findRooms(entries, query) {
  const fold = (text) => text.normalize("NFKC").toLocaleLowerCase();
  const words = fold(query).split(/\s+/u).filter(Boolean);
  const rank = ({ facts }) => (fold(facts.name).startsWith(words[0] ?? "") ? 0 : 1);
  return entries
    .filter(({ facts }) => words.every((word) => fold(facts.name).includes(word)))
    .sort((a, b) => rank(a) - rank(b));
}
