/** Editing a message in its place. What was written is kept, whatever the server says. */
import { belongsToInputMethod, watchComposition } from "../helpers/composing.js";
import { gettext } from "../helpers/i18n.js";
import { make } from "../helpers/dom.js";
import { lengthOf, MAX_CHARS } from "../models/text-limit.js";
import { entersToSend, growWithText } from "./growing-field.js";

export class EditBox {
  #row;
  #page;
  #revision;

  constructor(row, page) {
    this.#row = row;
    this.#page = page;
    this.#revision = row.message.revision;
  }

  open() {
    const { body } = this.#row.message;
    const label = gettext("Edit your message");
    this.field = make("textarea.edit-field", { "aria-label": label, dir: "auto", rows: 1 });
    this.field.value = body;
    this.problem = make("p.edit-problem", { role: "alert", hidden: true });
    const cancel = { type: "button", onclick: () => this.close() };
    const hint = gettext("Enter saves, Escape leaves");
    this.box = make(
      "form.edit-box",
      { onsubmit: (event) => this.#submit(event) },
      this.field,
      this.problem,
      make("button.button.primary", { type: "submit" }, gettext("Save")),
      make("button.button.plain", cancel, gettext("Cancel")),
      make("span.edit-hint", { "aria-hidden": "true" }, hint),
    );
    this.#row.parts.body.after(this.box);
    this.#row.classList.add("editing");
    const fit = growWithText(this.field);
    watchComposition(this.field);
    this.field.addEventListener("keydown", (event) => this.#key(event));
    fit();
    this.field.focus();
    this.field.setSelectionRange(body.length, body.length);
    this.box.scrollIntoView({ block: "nearest" });
  }

  /** Leave the box; the row shows the message as it stands, and the composer has the focus. */
  close() {
    this.#row.editing = null;
    this.#row.classList.remove("editing");
    this.box.remove();
    this.#page.focusComposer();
  }

  #key(event) {
    if (belongsToInputMethod(event)) return;
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      this.close();
    } else if (entersToSend(event)) {
      event.preventDefault();
      this.box.requestSubmit();
    }
  }

  async #submit(event) {
    event.preventDefault();
    const { message } = this.#row;
    const body = this.field.value.trimEnd();
    if (message.redacted) return this.#say(gettext("The message was redacted meanwhile."));
    if (body === message.body) return this.close();
    if (body.trim() === "") return this.#say(gettext("An empty message cannot be saved. Redact it instead."));
    if (lengthOf(body) > MAX_CHARS) return this.#say(gettext("The message is too long."));
    try {
      await this.#page.session.edit(message, body, this.#revision);
      return this.close();
    } catch (refusal) {
      return this.#refused(refusal);
    }
  }

  #refused(refusal) {
    if (!refusal?.code) throw refusal;
    if (refusal.code === "conflict") return this.#conflict();
    const lost = gettext("The server cannot be reached. Your text is kept here; save again later.");
    return this.#say(refusal.code === "lost" ? lost : refusal.text);
  }

  /** Somebody (or another device) was faster: show their text, keep mine, let the person decide. */
  #conflict() {
    const { message } = this.#row;
    this.#revision = message.revision;
    this.#say(gettext("The message was changed in the meantime. It now reads:"));
    this.problem.append(make("q.edit-theirs", { dir: "auto" }, message.body));
    this.problem.append(gettext("Save again to replace it with your text."));
  }

  #say(sentence) {
    this.problem.hidden = false;
    this.problem.replaceChildren(make("span", {}, sentence));
    this.field.focus();
  }
}
