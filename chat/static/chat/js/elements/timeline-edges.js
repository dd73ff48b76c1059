/** What stands above and below the loaded rows: the beginning, loading, a failure to load. */
import { gettext, interpolate, ngettext } from "../helpers/i18n.js";
import { icon, make } from "../helpers/dom.js";

export class TimelineEdge {
  #state = "";

  /** @param {Element} element  @param {() => void} retry */
  constructor(element, retry) {
    this.element = element;
    this.retry = retry;
  }

  /** "more": something is to come; "failed"; "end"; "beginning" with the room's facts. */
  show(state, facts = null) {
    const about = facts && [facts.name, facts.archived, facts.keep_days, facts.pruned_to_seq > 0];
    const key = `${state}:${about ? about.join(":") : ""}`;
    if (key === this.#state) return;
    this.#state = key;
    this.element.dataset.state = state;
    this.element.replaceChildren(...this.#content(state, facts));
  }

  #content(state, facts) {
    if (state === "more") return [make("span.loading", {}, gettext("Loading…"))];
    if (state === "failed") {
      const facts = { type: "button", onclick: this.retry };
      const again = make("button.link-button", facts, gettext("Try again"));
      return [icon("circle-alert"), gettext("Messages could not be loaded."), " ", again];
    }
    if (state !== "beginning" || !facts) return [];
    return [facts.pruned_to_seq > 0 ? removed(facts) : beginning(facts)];
  }
}

function beginning(facts) {
  const title = interpolate(gettext("This is the beginning of %(room)s"), { room: facts.name });
  return make(
    "div.beginning",
    {},
    make("span.beginning-mark", { "aria-hidden": "true" }, icon("messages-square")),
    make("h2", { dir: "auto" }, title),
    make("p.quiet-text", {}, gettext("Every message here has its place. None gets lost.")),
  );
}

/** What stands where the messages begin that are still kept. */
function removed({ keep_days: days }) {
  const kept = ngettext(
    "Older messages were removed (kept for %(days)s day).",
    "Older messages were removed (kept for %(days)s days).",
    days,
  );
  const words = days > 0 ? interpolate(kept, { days }) : gettext("Older messages were removed.");
  return make("p.quiet-text.removed", {}, words);
}
