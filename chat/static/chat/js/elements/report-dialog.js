/** Telling the moderators of a message: a reason at hand, and one's own words. */
import { gettext } from "../helpers/i18n.js";
import { make } from "../helpers/dom.js";
import { askWithForm, REASON_CHARS } from "./form-dialog.js";

const DETAIL_CHARS = 400;

/** The reasons at hand; the moderators read the sentence itself. */
const REASONS = () => [
  gettext("Spam or advertising"),
  gettext("Insults or harassment"),
  gettext("Hatred or violence"),
  gettext("Private matters of somebody else"),
  gettext("Something else"),
];

/** @returns {Promise<boolean>} when the dialog is closed: whether it was reported */
export async function askToReport(message, page) {
  const choices = reasonChoices();
  const detail = detailField();
  const send = () => page.session.report(message, reasonOf(choices, detail.field));
  const words = gettext("The moderators see the message and your reason. Its author does not hear who reported it.");
  const content = [
    make("p", {}, words),
    make("blockquote.dialog-quote", { dir: "auto" }, message.body),
    choices,
    detail.element,
  ];
  const act = { label: gettext("Report"), send };
  const isDone = await askWithForm(gettext("Report this message?"), content, act);
  if (isDone) page.session.status.say(gettext("Thank you. The moderators will look at it."));
  return isDone;
}

function reasonChoices() {
  const choices = REASONS().map((reason) =>
    make("label.choice", {}, make("input", { type: "radio", name: "reason", value: reason }), make("span", {}, reason)),
  );
  const legend = make("legend", {}, gettext("What is wrong with it?"));
  return make("fieldset.choices", {}, legend, ...choices);
}

function detailField() {
  const field = make("textarea", { id: "report-detail", rows: 2, maxlength: DETAIL_CHARS, dir: "auto" });
  const label = make("label", { for: field.id }, gettext("In your own words (optional)"));
  return { field, element: make("div.field", {}, label, field) };
}

/** @throws {{code, text}} as a refusal of the server, where no reason was chosen */
function reasonOf(choices, field) {
  const reason = choices.querySelector(":checked")?.value;
  if (!reason) throw { code: "incomplete", text: gettext("Choose what is wrong with it.") };
  const detail = field.value.trim();
  return (detail ? `${reason}: ${detail}` : reason).slice(0, REASON_CHARS);
}
