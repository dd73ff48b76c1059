/** Are you sure? A redacted text cannot be brought back, so one is asked. */
import { gettext, interpolate } from "../helpers/i18n.js";
import { make } from "../helpers/dom.js";

const REASON_CHARS = 500;

/** @returns {Promise<void>} when the dialog is closed, whatever was chosen */
export function askToRedact(message, isMine, page) {
  const dialog = make("dialog.dialog", { "aria-labelledby": "redact-title" });
  const problem = make("p.dialog-problem", { role: "alert", hidden: true });
  const reason = isMine ? null : make("input.input", { name: "reason", maxlength: REASON_CHARS });
  const submit = async (event) => {
    event.preventDefault();
    try {
      await page.session.redact(message, reason?.value.trim() ?? "");
      dialog.close();
    } catch (refusal) {
      if (!refusal?.code) throw refusal;
      problem.textContent = refusal.text || gettext("The server cannot be reached.");
      problem.hidden = false;
    }
  };
  const cancel = { type: "button", onclick: () => dialog.close() };
  dialog.append(
    make(
      "form.form",
      { onsubmit: submit },
      make("h2", { id: "redact-title" }, gettext("Redact this message?")),
      make("p", {}, explanationOf(message, isMine)),
      reason && make("p", {}, gettext("The reason goes into the audit log.")),
      make("blockquote.dialog-quote", { dir: "auto" }, message.body),
      reason && reasonField(reason),
      problem,
      make(
        "div.actions",
        {},
        make("button.button.danger", { type: "submit" }, gettext("Redact")),
        make("button.button.plain", cancel, gettext("Cancel")),
      ),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.remove()));
  });
}

function explanationOf(message, isMine) {
  if (isMine) return gettext("Its text is taken away for everyone and cannot be brought back.");
  const text = gettext("The text by %(name)s is taken away for everyone and cannot be brought back.");
  return interpolate(text, { name: message.author.name });
}

function reasonField(input) {
  const label = make("label", {}, gettext("Reason"), " ", input);
  return make("div.field", {}, label);
}
