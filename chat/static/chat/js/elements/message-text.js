/** The text of a message as nodes: what people write stays text, addresses become links. */
import { isFewEmoji } from "../helpers/initials.js";
import { make } from "../helpers/dom.js";
import { piecesOf } from "../helpers/links.js";

const REL = "noopener noreferrer nofollow ugc";

function nodeOf({ text, href }) {
  if (!href) return document.createTextNode(text);
  const facts = { href, rel: REL };
  // A link within this site opens in this window; app.js takes it without a page load.
  if (new URL(href).origin !== location.origin) facts.target = "_blank";
  return make("a", facts, text);
}

export function writeText(element, text) {
  element.replaceChildren(...piecesOf(text).map(nodeOf));
  element.classList.toggle("few-emoji", isFewEmoji(text));
}
