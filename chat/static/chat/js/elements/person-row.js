/** One person in the list of people: who they are, how they stand, what can be done. */
import { gettext, interpolate } from "../helpers/i18n.js";
import { icon, iconButton, make } from "../helpers/dom.js";
import { avatarOf } from "./avatar.js";
import { openMenu } from "./menu.js";

/** @param {{person: object, role: string|null}} entry */
export function personRow({ person, role }, page) {
  return make(
    "li.person",
    { "data-person": person.id },
    avatarOf(person, "small"),
    make("span.person-name", { dir: "auto", title: person.name }, person.name),
    person.kind === "bot" && make("span.badge", {}, gettext("bot")),
    person.kind === "guest" && make("span.badge", {}, gettext("guest")),
    ...sanctionMarks(person, page),
    role === "owner" && roleMark("crown", gettext("Owner")),
    role === "moderator" && roleMark("shield", gettext("Moderator")),
    page.acts.mayTouch(person) && moreButton(person, page),
  );
}

/** Only those who lead the room are told of them. */
function sanctionMarks(person, page) {
  const { sanctions } = page.moderation;
  const mark = (kind, name, label, classes) => {
    const found = sanctions.of(person.id, kind);
    if (!found) return null;
    const words = [label, termOf(found, page), found.reason].filter(Boolean).join(" · ");
    return roleMark(name, words, classes);
  };
  return [
    mark("mute", "message-square-off", gettext("Muted"), "muted"),
    mark("ban", "ban", gettext("Banned"), "banned"),
  ];
}

function termOf({ until }, page) {
  if (until === null) return gettext("for ever");
  return interpolate(gettext("until %(time)s"), { time: page.times.moment(until) });
}

function roleMark(name, label, classes = "") {
  const facts = { title: label, class: `role-mark ${classes}`.trim() };
  return make("span", facts, icon(name), make("span.visually-hidden", {}, label));
}

function moreButton(person, page) {
  const label = interpolate(gettext("What to do about %(name)s"), { name: person.name });
  const button = iconButton("ellipsis", label, { class: "person-more", "aria-haspopup": "menu" });
  button.addEventListener("click", () => openMenu(page.acts.personItems(person), button));
  return button;
}
