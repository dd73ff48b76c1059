/** <chat-not-writing>: stands where the composer would, and says why there is none. */
import { gettext, interpolate } from "../helpers/i18n.js";
import { icon, make } from "../helpers/dom.js";
import { endOf } from "../models/may-write.js";
import { Countdown } from "./countdown.js";
import { joinForm } from "./join-form.js";

const CLOSED = {
  archived: () => ["archive", gettext("This room is archived. It can be read, but not written to.")],
  site_read_only: () => ["lock", gettext("The whole site is read-only at the moment. It can be read, but not written to.")],
  moderators_only: () => ["shield", gettext("Only moderators write in this room. You can read along.")],
  members_only: () => ["lock", gettext("Only members with an account can write here at the moment. You can read along.")],
};

export class ChatNotWriting extends HTMLElement {
  #shown = "";
  #countdown = new Countdown((ms) => this.#count(ms));
  #left = null;
  #until = 0;

  start(page) {
    this.page = page;
    this.session = page.session;
    this.session.changedStanding.on(() => this.#show());
    this.#show();
  }

  #show() {
    const silence = this.session.silence ?? { why: "" };
    const content = this.#contentOf(silence);
    const signature = [silence.why, ...this.#signs(silence)].join(":");
    if (signature === this.#shown) return;
    const hasJoined = silence.why === "" && this.#shown.startsWith("join:");
    const hadFocus = this.contains(document.activeElement);
    this.#shown = signature;
    this.#countdown.stop();
    this.#left = null;
    this.dataset.why = silence.why;
    this.replaceChildren(...content());
    this.hidden = this.childElementCount === 0;
    if (hasJoined || (hadFocus && this.hidden)) this.page.focusComposer();
  }

  /** What tells one reason from the next of its kind. */
  #signs({ why, until, reason }) {
    const { bar, end, room, facts } = this.session;
    if (why === "bar") return [bar, end?.until];
    if (why === "join") return [room, facts.name];
    return [until, reason];
  }

  #contentOf(silence) {
    if (silence.why === "bar") return () => this.#barred();
    if (silence.why === "join") return () => [joinForm(this.page)];
    if (silence.why === "muted") return () => this.#muted(silence);
    if (!CLOSED[silence.why]) return () => [];
    const [mark, sentence] = CLOSED[silence.why]();
    return () => [icon(mark), make("p", {}, sentence)];
  }

  #muted({ until, reason }) {
    const why = interpolate(gettext("Reason: %(reason)s"), { reason });
    const words = [
      make("p", {}, make("strong", {}, gettext("You are muted. You can read, but not write."))),
      until ? this.#untilLine(until) : make("p", {}, gettext("For ever, or until a moderator lifts it.")),
      reason && make("p", { dir: "auto" }, why),
    ];
    return [icon("hourglass"), make("div.not-writing-words", {}, ...words)];
  }

  #barred() {
    const { bar, end } = this.session;
    const again = { type: "button", onclick: () => this.session.comeBack() };
    return [
      icon(end?.cause === "banned" ? "ban" : "door-open"),
      make(
        "div.not-writing-words",
        {},
        make("p", { dir: "auto" }, bar),
        end?.cause === "banned" && end.until && this.#untilLine(end.until),
      ),
      end?.cause === "kicked" && make("button.button", again, gettext("Go back in")),
      make("a.button", { href: "/rooms/" }, gettext("See all rooms")),
    ].filter(Boolean);
  }

  /** Until when, in the reader's own time, and how long that is; only the latter goes on. */
  #untilLine(until) {
    const time = make("time", { datetime: until, title: this.page.times.full(until) });
    time.textContent = interpolate(gettext("Until %(time)s"), { time: this.page.times.moment(until) });
    // Once a second would be too much to listen to.
    this.#left = make("span", { role: "timer", "aria-live": "off" });
    this.#until = Date.parse(until);
    if (endOf(until) > Date.now()) this.#countdown.to(endOf(until));
    return make("p", {}, time, " · ", this.#left);
  }

  #count(ms) {
    if (ms === 0) {
      // The reader's clock may be ahead of the server's: what still holds is refused again.
      this.session.comeBack();
      this.session.changedStanding.emit();
      return;
    }
    const left = Math.max(1, this.#until - Date.now());
    const text = interpolate(gettext("another %(time)s"), { time: this.page.times.left(left) });
    if (this.#left && this.#left.textContent !== text) this.#left.textContent = text;
  }
}
