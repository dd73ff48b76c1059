/** <chat-notices>: what concerns more than one message: the site's level, what became of reports. */
import { gettext, interpolate } from "../helpers/i18n.js";
import { icon, iconButton, make } from "../helpers/dom.js";

const LEVELS = {
  members: () => gettext("Only members with an account can write on this site at the moment."),
  approve_first: () =>
    gettext("What guests and newcomers write waits for a moderator at the moment."),
  read_only: () => gettext("The whole site is read-only at the moment."),
};

export class ChatNotices extends HTMLElement {
  #notices = new Map();

  start(page) {
    this.page = page;
    this.session = page.session;
    this.session.changedLevel.on(() => this.#draw());
    this.session.outcomes.changed.on(() => this.#draw());
    this.#draw();
  }

  /** Notices that stay are not made again, so that none is read out twice. */
  #draw() {
    const { level, outcomes } = this.session;
    const wanted = new Map();
    const want = (key, draw) => wanted.set(key, this.#notices.get(key) ?? draw());
    if (LEVELS[level]) want(level, () => levelNotice(level));
    for (const outcome of outcomes.all) {
      want(`report ${outcome.report}`, () => this.#outcomeNotice(outcome));
    }
    for (const [key, notice] of this.#notices) if (!wanted.has(key)) notice.remove();
    for (const [key, notice] of wanted) if (!this.#notices.has(key)) this.append(notice);
    this.#notices = wanted;
  }

  #outcomeNotice({ report, room, text }) {
    const name = this.session.rooms.get(room)?.facts.name;
    const about = name && interpolate(gettext("Your report in %(room)s:"), { room: name });
    const dismiss = () => {
      this.session.outcomes.dismiss(report);
      this.page.focusComposer();
    };
    return make(
      "div.page-notice",
      { "data-report": report },
      icon("flag"),
      make("p", { dir: "auto" }, about && make("strong", {}, about), about && " ", text),
      iconButton("x", gettext("Dismiss"), { onclick: dismiss }),
    );
  }
}

function levelNotice(level) {
  const said = make("p", {}, LEVELS[level]());
  return make("div.page-notice.of-level", { "data-level": level }, icon("shield"), said);
}
