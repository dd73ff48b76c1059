/** Are you sure? What authors take back is gone at once, and others read that a text was here. */
import { gettext, interpolate, ngettext } from "../helpers/i18n.js";
import { make } from "../helpers/dom.js";
import { askWithForm, lineField } from "./form-dialog.js";

/** @returns {Promise<boolean>} when the dialog is closed: whether it was redacted */
export function askToRedact(message, isMine, page) {
  const reason = isMine
    ? null
    : lineField("reason", gettext("Reason"), gettext("It goes into the audit log."));
  const content = [
    make("p", {}, explanationOf(message, isMine, page.moderation.sanctions.evidenceDays)),
    make("blockquote.dialog-quote", { dir: "auto" }, message.body),
    reason?.field,
  ];
  return askWithForm(gettext("Redact this message?"), content, {
    label: gettext("Redact"),
    danger: true,
    send: () => page.session.redact(message, reason?.input.value.trim() ?? ""),
  });
}

function explanationOf(message, isMine, days) {
  if (isMine) return gettext("Its text is taken away for everyone and cannot be brought back.");
  const { name } = message.author;
  if (days === 0) {
    const text = gettext("The text by %(name)s is taken away for everyone and cannot be brought back.");
    return interpolate(text, { name });
  }
  const text = ngettext(
    "The text by %(name)s is taken away for everyone. Moderators can bring it back for %(days)s day.",
    "The text by %(name)s is taken away for everyone. Moderators can bring it back for %(days)s days.",
    days,
  );
  return interpolate(text, { name, days });
}
