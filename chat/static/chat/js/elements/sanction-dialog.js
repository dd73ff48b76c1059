/** Mute, kick or ban somebody: for how long, why, and what they will read. */
import { gettext, interpolate } from "../helpers/i18n.js";
import { make } from "../helpers/dom.js";
import { localValue, termOf, TERMS, UNTIL, whatTheyRead } from "../helpers/terms.js";
import { Refusal } from "../helpers/server.js";
import { askWithForm, lineField } from "./form-dialog.js";

const MINUTE_MS = 60_000;
const YEARS = 10;
const YEAR_MS = 365 * 86_400_000;

const WORDS = {
  mute: {
    title: () => gettext("Mute %(name)s"),
    meaning: () => gettext("They can go on reading this room, but not write in it."),
    label: () => gettext("Mute"),
    done: () => gettext("%(name)s is muted."),
  },
  kick: {
    title: () => gettext("Kick %(name)s"),
    meaning: () => gettext("They are out of this room at once, and may return."),
    label: () => gettext("Kick"),
    done: () => gettext("%(name)s was kicked."),
  },
  ban: {
    title: () => gettext("Ban %(name)s"),
    meaning: () => gettext("They are out of this room at once, and cannot return before it is over."),
    label: () => gettext("Ban"),
    done: () => gettext("%(name)s is banned."),
  },
};

/**
 * @param {"mute"|"kick"|"ban"} kind
 * @returns {Promise<string>} what was done, as a sentence; empty where nothing was
 */
export async function askToSanction(kind, person, page) {
  const { session } = page;
  const { room } = session;
  const { name } = person;
  const words = WORDS[kind];
  const say = (text) => interpolate(text, { name });
  const term = kind === "kick" ? null : new TermField(session.now());
  const reason = lineField("reason", gettext("Reason"), say(gettext("%(name)s reads it.")));
  const note = lineField("note", gettext("Private note"), gettext("Only moderators read it."));
  const preview = make("blockquote.dialog-quote.preview", { dir: "auto" });
  const draw = () => {
    const lasting = term ? term.value(session.now()) : { minutes: null };
    const left = lasting?.minutes ? page.times.left(lasting.minutes * MINUTE_MS) : null;
    preview.textContent = lasting ? whatTheyRead(kind, left, reason.input.value.trim()) : "…";
  };
  const content = [
    make("p", {}, words.meaning()),
    term?.field,
    reason.field,
    note.field,
    make("figure.preview-of", {}, make("figcaption", {}, say(gettext("What %(name)s will read"))), preview),
  ];
  for (const part of content) part?.addEventListener("input", draw);
  draw();
  const isDone = await askWithForm(say(words.title()), content, {
    label: words.label(),
    danger: true,
    send: async () => {
      const lasting = term?.value(session.now());
      if (term && !lasting) throw new Refusal("bad_date", gettext("Choose a time that is still to come."));
      const minutes = lasting?.minutes ?? null;
      const said = { reason: reason.input.value.trim(), note: note.input.value.trim() };
      const fields = { room, user: person.id, ...said };
      return session.command(kind, minutes === null ? fields : { ...fields, minutes });
    },
  });
  return isDone ? say(words.done()) : "";
}

/** For how long: one of a few terms, or until a date. */
class TermField {
  constructor(now) {
    const range = { min: localValue(now), max: localValue(now + YEARS * YEAR_MS) };
    const facts = { type: "datetime-local", "aria-label": gettext("Until"), hidden: true };
    this.date = make("input", { ...facts, ...range });
    const choices = TERMS().map(([value, label], at) =>
      make("label.choice", {}, make("input", { type: "radio", name: "term", value, checked: at === 0 }), label),
    );
    this.field = make(
      "fieldset.field.term",
      {},
      make("legend", {}, gettext("For how long")),
      make("div.choices", {}, ...choices),
      this.date,
    );
    this.field.addEventListener("change", () => this.#changed());
  }

  value(now) {
    return termOf(this.#chosen.value, this.date.value, now);
  }

  get #chosen() {
    return this.field.querySelector(":checked");
  }

  #changed() {
    const isDate = this.#chosen.value === UNTIL;
    if (isDate && this.date.hidden) {
      this.date.hidden = false;
      this.date.focus();
    } else if (!isDate) this.date.hidden = true;
  }
}
