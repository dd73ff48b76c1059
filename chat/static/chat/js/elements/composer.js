/** <chat-composer>: where one writes; in its place, why one cannot. */
import { belongsToInputMethod, watchComposition } from "../helpers/composing.js";
import { gettext, interpolate, ngettext } from "../helpers/i18n.js";
import { COUNT_FROM, lengthOf, MAX_CHARS } from "../models/text-limit.js";
import { Countdown } from "./countdown.js";
import { entersToSend, growWithText } from "./growing-field.js";

export class ChatComposer extends HTMLElement {
  #countdown = new Countdown(() => this.#showPace());
  #slowUntil = 0;

  start(page) {
    this.page = page;
    this.session = page.session;
    this.form = this.querySelector(".composer-form");
    this.field = this.querySelector("#composer-input");
    this.counter = this.querySelector(".composer-counter");
    this.pace = this.querySelector(".composer-pace");
    this.sendButton = this.querySelector(".composer-send");
    this.fit = growWithText(this.field);
    this.#listen();
    this.#openRoom();
  }

  focusField() {
    if (!this.form.hidden) this.field.focus({ preventScroll: true });
  }

  /** A text that was not sent is to be written anew; what was begun meanwhile stays below it. */
  takeBack(text) {
    this.field.value = [text, this.field.value].filter(Boolean).join("\n");
    this.#written();
    this.fit();
    this.field.focus();
    this.field.setSelectionRange(text.length, text.length);
  }

  #listen() {
    watchComposition(this.field);
    this.field.addEventListener("keydown", (event) => this.#key(event));
    this.field.addEventListener("input", () => this.#written());
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    this.session.opened.on(() => this.#openRoom());
    this.session.changedStanding.on(() => this.#showNames());
    this.session.outbox.changed.on((room) => room === this.session.room && this.#keepPace());
  }

  #openRoom() {
    this.field.value = this.page.drafts.get(this.session.room);
    this.#showNames();
    this.#count();
    this.fit();
  }

  #showNames() {
    const { facts, silence } = this.session;
    this.#hide(silence !== null);
    if (!facts) return;
    this.#keepPace();
    const label = interpolate(gettext("Message %(room)s"), { room: facts.name });
    if (this.field.placeholder === label) return;
    this.field.placeholder = label;
    this.field.setAttribute("aria-label", label);
  }

  /** The draft stays in the field; whoever was writing is told why they no longer can. */
  #hide(isHidden) {
    const hadFocus = this.form.contains(document.activeElement);
    this.form.hidden = isHidden;
    if (isHidden) this.pace.hidden = true;
    // Not before that stands there.
    if (isHidden && hadFocus) queueMicrotask(() => document.querySelector("chat-not-writing").focus());
  }

  #keepPace() {
    const until = this.session.writing.slowUntil(this.session.room);
    if (until === this.#slowUntil) return this.#showPace();
    this.#slowUntil = until;
    return this.#countdown.to(until);
  }

  get #isTooSoon() {
    return this.#slowUntil > Date.now();
  }

  /** What holds posts back in this room, said before one is written. */
  #showPace() {
    const text = this.form.hidden ? "" : this.#paceText();
    this.pace.hidden = text === "";
    const words = this.pace.lastElementChild;
    if (words.textContent !== text) words.textContent = text;
    this.#allowSending();
  }

  #paceText() {
    const { facts, mayModerate, me } = this.session;
    if (!facts || mayModerate) return "";
    const { times } = this.page;
    if (this.#isTooSoon) {
      const time = times.left(this.#slowUntil - Date.now());
      return interpolate(gettext("Slow mode: you can send again in %(time)s."), { time });
    }
    if (facts.slow_mode > 0) {
      const time = times.span(facts.slow_mode);
      return interpolate(gettext("Slow mode: one message every %(time)s."), { time });
    }
    const waits = facts.approve_first === "everyone" || (me.kind === "guest" && facts.approve_first !== "nobody");
    return waits ? gettext("Messages wait for a moderator here.") : "";
  }

  #allowSending() {
    const isTooLong = lengthOf(this.field.value) > MAX_CHARS;
    this.sendButton.disabled = this.field.value.trim() === "" || isTooLong || this.#isTooSoon;
  }

  #written() {
    this.page.drafts.set(this.session.room, this.field.value);
    this.#count();
  }

  #count() {
    const length = lengthOf(this.field.value);
    const left = MAX_CHARS - length;
    this.#allowSending();
    this.counter.hidden = length < COUNT_FROM;
    this.counter.classList.toggle("over", left < 0);
    this.field.setAttribute("aria-invalid", String(left < 0));
    if (this.counter.hidden) return;
    const text =
      left < 0
        ? ngettext("%(count)s character too many", "%(count)s characters too many", -left)
        : ngettext("%(count)s character left", "%(count)s characters left", left);
    this.counter.textContent = interpolate(text, { count: Math.abs(left) });
  }

  #key(event) {
    if (belongsToInputMethod(event)) return;
    if (entersToSend(event)) {
      event.preventDefault();
      this.#send();
    } else if (event.key === "ArrowUp" && this.field.value === "" && !event.altKey) {
      if (this.page.timeline.actions.editLast()) event.preventDefault();
    }
  }

  #send() {
    const body = this.field.value.trimEnd();
    if (body.trim() === "" || lengthOf(body) > MAX_CHARS || this.#isTooSoon) return;
    this.session.write(body);
    this.field.value = "";
    this.#written();
    this.fit();
    this.field.focus();
    this.page.timeline.toEnd();
  }
}
