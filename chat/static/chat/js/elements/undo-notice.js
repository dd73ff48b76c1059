/** "Redacted. Undo": for some seconds after it was done, longer while somebody is at it. */
import { gettext } from "../helpers/i18n.js";
import { make } from "../helpers/dom.js";

export const SHOWN_MS = 10_000;

export class UndoNotice {
  #timer = null;
  #undo = null;
  #page;
  #words = make("span.undo-words", { role: "status" });
  #button = make("button.link-button", { type: "button", hidden: true }, gettext("Undo"));

  /**
   * @param {Element} place above whose first child it stands
   * @param {Page} page
   */
  constructor(place, page) {
    const key = make("kbd", { "aria-hidden": "true" }, "Z");
    this.element = make("div.undo-notice", {}, this.#words, this.#button, key);
    this.#page = page;
    page.session.opened.on(() => this.close());
    page.session.barred.on(() => this.close());
    this.#button.addEventListener("click", () => this.undo());
    for (const name of ["pointerenter", "focusin"]) this.element.addEventListener(name, () => this.#wait());
    for (const name of ["pointerleave", "focusout"]) this.element.addEventListener(name, () => this.#count());
    place.prepend(this.element);
  }

  /** @param {() => void} undo */
  offer(sentence, undo) {
    this.#undo = undo;
    this.#words.textContent = sentence;
    // It is always in the document, so that what it says is read out.
    this.element.classList.add("shown");
    this.#button.hidden = false;
    this.#count();
  }

  /** @returns {boolean} whether there was something to undo */
  undo() {
    const undo = this.#undo;
    if (!undo) return false;
    this.close();
    undo();
    return true;
  }

  close() {
    this.#wait();
    this.#undo = null;
    if (this.element.contains(document.activeElement)) this.#page.focusComposer();
    this.element.classList.remove("shown");
    this.#button.hidden = true;
    this.#words.textContent = "";
  }

  #wait() {
    clearTimeout(this.#timer);
  }

  #count() {
    this.#wait();
    this.#timer = setTimeout(() => this.close(), SHOWN_MS);
  }
}
