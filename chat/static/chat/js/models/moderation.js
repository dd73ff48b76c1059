/** What the page knows of the open room for those who lead it, and its pins for everybody. */
import { Pins } from "./pins.js";
import { RoomSanctions } from "./room-sanctions.js";

export class Moderation {
  #session;
  #led = null;

  constructor(session, { fetchPins, fetchSanctions, now = Date.now }) {
    this.#session = session;
    this.pins = new Pins(fetchPins);
    this.sanctions = new RoomSanctions(fetchSanctions, now);
    session.opened.on(() => this.#enter());
    session.barred.on(() => this.#leave());
    session.advanced.on((log, news) => this.#advanced(log, news));
    session.changedStanding.on(() => this.#look());
    this.#enter();
  }

  /** Read again who is muted or banned, such as after one's own doing. */
  refresh() {
    const { room, bar, me, mayModerate } = this.#session;
    if (room === null || bar || !mayModerate) return Promise.resolve();
    return this.sanctions.load(room, me.id);
  }

  #enter() {
    const { room, bar } = this.#session;
    if (room === null || bar) return this.#leave();
    this.pins.load(room);
    this.sanctions.forget();
    this.#led = null;
    return this.#look();
  }

  #leave() {
    this.pins.forget();
    this.sanctions.forget();
    this.#led = null;
  }

  /** My role here may be another one now. */
  #look() {
    const { room, mayModerate } = this.#session;
    const led = mayModerate ? room : null;
    if (led === this.#led) return;
    this.#led = led;
    if (led === null) this.sanctions.forget();
    else this.refresh();
  }

  #advanced(log, { messages, resumed, reset }) {
    if (log.room !== this.#session.room) return;
    this.pins.take(log.room, messages);
    if (reset) this.pins.load(log.room);
    if (resumed) this.refresh();
  }
}
