/** Something to do before the next picture, once, however often it is asked for. */
export class Frame {
  #act;
  #cancel = null;

  constructor(act) {
    this.#act = act;
  }

  request() {
    if (this.#cancel) return;
    const run = () => {
      this.#cancel = null;
      this.#act();
    };
    // A hidden page gets no animation frames, but its title and rows should be right.
    if (document.hidden) {
      const timer = setTimeout(run, 50);
      this.#cancel = () => clearTimeout(timer);
    } else {
      const frame = requestAnimationFrame(run);
      this.#cancel = () => cancelAnimationFrame(frame);
    }
  }

  cancel() {
    this.#cancel?.();
    this.#cancel = null;
  }
}
