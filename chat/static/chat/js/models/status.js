/**
 * What the reader is told about the line. A short loss is not worth a word: "reconnecting"
 * is shown only when it lasts.
 */
import { Signal } from "./signal.js";

export const PATIENCE_MS = 3_000;
export const NOTE_MS = 6_000;

export class Status {
  /** "live" | "connecting" | "reconnecting" | "offline" | "stopped" */
  shown = "connecting";
  /** How many messages the last gap had, while that is worth saying. */
  filled = 0;
  /** A sentence of the server, such as a restart that is coming. */
  sentence = "";
  changed = new Signal();
  #io;
  #patience = null;
  #note = null;

  /** @param {{setTimeout, clearTimeout}} io */
  constructor(io) {
    this.#io = io;
  }

  /** The connection is in this state now. */
  line(state) {
    if (state === "live") this.sentence = "";
    if (state === "reconnecting" && this.shown === "live") return this.#showLater(state);
    return this.#show(state);
  }

  /** A word on what the person just did, for a few seconds. */
  say(sentence) {
    this.notice(sentence);
    this.#io.setTimeout(() => this.sentence === sentence && this.notice(""), NOTE_MS);
  }

  notice(sentence) {
    this.sentence = sentence;
    this.changed.emit();
  }

  /** After an absence, `count` messages were brought in. */
  gap(count) {
    if (count <= 0) return;
    this.filled = count;
    if (this.#note !== null) this.#io.clearTimeout(this.#note);
    this.#note = this.#io.setTimeout(() => {
      this.filled = 0;
      this.changed.emit();
    }, NOTE_MS);
    this.changed.emit();
  }

  #showLater(state) {
    if (this.#patience !== null) return;
    this.#patience = this.#io.setTimeout(() => this.#show(state), PATIENCE_MS);
  }

  #show(state) {
    if (this.#patience !== null) this.#io.clearTimeout(this.#patience);
    this.#patience = null;
    this.shown = state;
    this.changed.emit();
  }
}
