/** A dialog that asks something, sends it, and says what was refused without closing. */
import { gettext } from "../helpers/i18n.js";
import { make } from "../helpers/dom.js";

export const REASON_CHARS = 500;
let count = 0;

/**
 * @param {string} title
 * @param {Array<Node|null>} content what stands between the title and the buttons
 * @param {{label: string, danger?: boolean, send: () => Promise<void>}} act
 * @returns {Promise<boolean>} once it is closed: whether it was done
 */
export function askWithForm(title, content, { label, danger = false, send }) {
  const id = `dialog-${(count += 1)}`;
  const dialog = make("dialog.dialog", { "aria-labelledby": id });
  const problem = make("p.dialog-problem", { role: "alert", hidden: true });
  const submit = make(`button.button.${danger ? "danger" : "primary"}`, { type: "submit" }, label);
  let isDone = false;
  const onsubmit = async (event) => {
    event.preventDefault();
    submit.disabled = true;
    try {
      await send();
      isDone = true;
      dialog.close();
    } catch (refusal) {
      if (!refusal?.code) throw refusal;
      problem.textContent = refusal.text || gettext("The server cannot be reached.");
      problem.hidden = false;
    } finally {
      submit.disabled = false;
    }
  };
  const leave = { type: "button", onclick: () => dialog.close() };
  const cancel = make("button.button.plain", leave, gettext("Cancel"));
  const parts = [make("h2", { id }, title), ...content, problem, make("div.actions", {}, submit, cancel)];
  dialog.append(make("form.form", { onsubmit, novalidate: true }, ...parts));
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(isDone);
    });
  });
}

/** A line to fill in, with its label and a hint. */
export function lineField(name, label, hint = "") {
  const id = `${name}-${(count += 1)}`;
  const facts = { id, name, maxlength: REASON_CHARS, dir: "auto", autocomplete: "off" };
  const input = make("input", { ...facts, "aria-describedby": hint ? `${id}-hint` : null });
  const field = make(
    "div.field",
    {},
    make("label", { for: id }, label),
    input,
    hint && make("p.hint", { id: `${id}-hint` }, hint),
  );
  return { field, input };
}
