/** <chat-composer>: where one writes; in its place, why one cannot. */
import { belongsToInputMethod, watchComposition } from "../helpers/composing.js";
import { gettext, interpolate, ngettext } from "../helpers/i18n.js";
import { COUNT_FROM, lengthOf, MAX_CHARS } from "../models/text-limit.js";
import { entersToSend, growWithText } from "./growing-field.js";

export class ChatComposer extends HTMLElement {
  start(page) {
    this.page = page;
    this.session = page.session;
    this.form = this.querySelector(".composer-form");
    this.field = this.querySelector("#composer-input");
    this.counter = this.querySelector(".composer-counter");
    this.sendButton = this.querySelector(".composer-send");
    this.fit = growWithText(this.field);
    this.#listen();
    this.#openRoom();
  }

  focusField() {
    if (!this.form.hidden) this.field.focus({ preventScroll: true });
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
    this.session.advanced.on(() => this.#showNames());
    this.session.rooms.changed.on(() => this.#showNames());
  }

  #openRoom() {
    this.field.value = this.page.drafts.get(this.session.room);
    this.#showNames();
    this.#count();
    this.fit();
  }

  #showNames() {
    const { log, entry, bar } = this.session;
    const facts = log?.facts ?? entry?.facts;
    this.form.hidden = Boolean(bar) || !entry || facts?.archived === true;
    if (!facts) return;
    const label = interpolate(gettext("Message %(room)s"), { room: facts.name });
    if (this.field.placeholder === label) return;
    this.field.placeholder = label;
    this.field.setAttribute("aria-label", label);
  }

  #written() {
    this.page.drafts.set(this.session.room, this.field.value);
    this.#count();
  }

  #count() {
    const length = lengthOf(this.field.value);
    const left = MAX_CHARS - length;
    this.sendButton.disabled = this.field.value.trim() === "" || left < 0;
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
    if (body.trim() === "" || lengthOf(body) > MAX_CHARS) return;
    this.session.write(body);
    this.field.value = "";
    this.#written();
    this.fit();
    this.field.focus();
    this.page.timeline.toEnd();
  }
}
