/** The way back to the end: how many messages are new there, one click to see them. */
import { gettext, interpolate, ngettext } from "../helpers/i18n.js";
import { icon, make } from "../helpers/dom.js";

export class TimelinePill {
  #label = make("span");

  constructor(goToEnd) {
    const facts = { type: "button", hidden: true, onclick: goToEnd };
    this.element = make("button.new-pill", facts, icon("arrow-down"), this.#label);
  }

  /** @param {number} fresh how many are new  @param {boolean} far whether the end is out of sight */
  show(fresh, far) {
    this.element.hidden = fresh === 0 && !far;
    this.element.classList.toggle("fresh", fresh > 0);
    const text = fresh > 0 ? countOf(fresh) : gettext("Back to the present");
    if (this.#label.textContent !== text) this.#label.textContent = text;
  }
}

function countOf(fresh) {
  const text = ngettext("%(count)s new message", "%(count)s new messages", fresh);
  return interpolate(text, { count: fresh });
}
