/** What became of my reports, until I have read it. */
import { Signal } from "./signal.js";

export class Outcomes {
  changed = new Signal();
  #unheard = new Map();
  #heard = new Set();

  /** @param {(report) => Promise} tell sends `heard{report}` */
  constructor(tell) {
    this.tell = tell;
  }

  get all() {
    return [...this.#unheard.values()];
  }

  /** What the server tells with every new line. */
  replace(outcomes) {
    this.#unheard.clear();
    for (const outcome of outcomes) this.#learn(outcome);
    this.changed.emit();
  }

  take(outcome) {
    this.#learn(outcome);
    this.changed.emit();
  }

  /** It was read; where the server could not be told, it is when it asks again. */
  dismiss(report) {
    if (!this.#unheard.delete(report)) return;
    this.#heard.add(report);
    this.#tell(report);
    this.changed.emit();
  }

  #learn(outcome) {
    if (this.#heard.has(outcome.report)) this.#tell(outcome.report);
    else this.#unheard.set(outcome.report, outcome);
  }

  #tell(report) {
    // What cannot be told now is told again with the next line.
    this.tell(report).catch(() => {});
  }
}
