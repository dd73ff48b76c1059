/** Draws what is left until a time, once a second, and once more when it has come. */
const SECOND_MS = 1_000;

export class Countdown {
  #timer = null;
  #until = 0;
  #draw;

  /** @param {(ms: number) => void} draw gets the milliseconds that are left, 0 at the end */
  constructor(draw) {
    this.#draw = draw;
  }

  /** Count to this time of the reader's clock; one that is over is drawn as such at once. */
  to(until) {
    this.stop();
    this.#until = until;
    this.#tick();
  }

  stop() {
    clearTimeout(this.#timer);
  }

  #tick() {
    const left = Math.max(0, this.#until - Date.now());
    if (left > 0) this.#timer = setTimeout(() => this.#tick(), left % SECOND_MS || SECOND_MS);
    this.#draw(left);
  }
}
