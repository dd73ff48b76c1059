/** <chat-status>: whether what one sees is complete, and what waits to be sent. */
import { gettext, interpolate, ngettext } from "../helpers/i18n.js";
import { icon, make } from "../helpers/dom.js";

const ICONS = { connecting: "refresh-cw", reconnecting: "refresh-cw", offline: "wifi-off", stopped: "wifi-off" };

export class ChatStatus extends HTMLElement {
  #shown = "";

  start(page) {
    this.status = page.session.status;
    this.outbox = page.session.outbox;
    this.line = make("p.status-line", { role: "status" });
    this.replaceChildren(this.line);
    this.status.changed.on(() => this.#draw());
    this.outbox.changed.on(() => this.#draw());
    this.#draw();
  }

  #draw() {
    const { shown } = this.status;
    this.dataset.state = shown;
    this.dataset.waiting = this.outbox.waiting;
    const parts = [this.#lineText(), this.#waitingText()].filter(Boolean);
    const text = parts.join(" · ");
    if (text === this.#shown) return;
    this.#shown = text;
    const mark = ICONS[shown] ? icon(ICONS[shown]) : make("span.status-dot", { "aria-hidden": "true" });
    this.line.replaceChildren(mark, make("span", {}, text));
  }

  #lineText() {
    const { shown, sentence, filled } = this.status;
    if (shown !== "live") return [sentence, WORDS[shown]()].filter(Boolean).join(" ");
    if (filled === 0) return sentence || gettext("Live");
    const text = ngettext(
      "Live again: %(count)s missed message was filled in",
      "Live again: %(count)s missed messages were filled in",
      filled,
    );
    return interpolate(text, { count: filled });
  }

  /** A message on its way for a moment is not worth a word while the line is up. */
  #waitingText() {
    const { waiting } = this.outbox;
    if (waiting === 0 || (this.status.shown === "live" && waiting < 3)) return "";
    const text = ngettext(
      "%(count)s message waiting to be sent",
      "%(count)s messages waiting to be sent",
      waiting,
    );
    return interpolate(text, { count: waiting });
  }
}

const WORDS = {
  connecting: () => gettext("Connecting…"),
  reconnecting: () => gettext("Reconnecting… You can go on writing."),
  offline: () => gettext("Offline. You can go on writing; it is sent when you are back."),
  stopped: () => gettext("Not connected."),
};
