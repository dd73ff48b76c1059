/** Addresses in a text. Only http and https; nothing else becomes a link. */

const ADDRESS = /https?:\/\/[^\s<>"'`\u3000-\u303f\uff00-\uff0f\uff1a-\uff20]+/giu;
const CLOSERS = { ")": "(", "]": "[", "}": "{" };

/** Punctuation at the end belongs to the sentence, as does a bracket that opened before it. */
function withoutTail(address) {
  const counts = new Map();
  for (const char of address) counts.set(char, (counts.get(char) ?? 0) + 1);
  const count = (char) => counts.get(char) ?? 0;
  let end = address.length;
  while (end > 0) {
    const last = address[end - 1];
    const opener = CLOSERS[last];
    const isUnbalanced = opener && count(last) > count(opener);
    if (!/[.,;:!?*_~]/.test(last) && !isUnbalanced) break;
    counts.set(last, count(last) - 1);
    end -= 1;
  }
  return address.slice(0, end);
}

const isAddress = (text) => URL.canParse(text) && new URL(text).hostname !== "";

/**
 * @param {string} text
 * @returns {Array<{text: string, href?: string}>} the same text, in pieces
 */
export function piecesOf(text) {
  const pieces = [];
  let at = 0;
  for (const found of text.matchAll(ADDRESS)) {
    const address = withoutTail(found[0]);
    if (!isAddress(address)) continue;
    if (found.index > at) pieces.push({ text: text.slice(at, found.index) });
    pieces.push({ text: address, href: address });
    at = found.index + address.length;
  }
  if (at < text.length) pieces.push({ text: text.slice(at) });
  return pieces;
}
