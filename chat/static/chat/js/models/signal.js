/** One thing that can happen, and those who want to hear of it. */
export class Signal {
  #listeners = new Set();

  /**
   * Call `listener` at each `emit`.
   * @param {(...details: any[]) => void} listener
   * @returns {() => void} stops it
   */
  on(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  emit(...details) {
    for (const listener of [...this.#listeners]) listener(...details);
  }
}
