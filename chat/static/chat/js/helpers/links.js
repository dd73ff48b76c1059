/** Addresses in a text. Only http and https; nothing else becomes a link. */

const ADDRESS = /https?:\/\/[^\s<>"'`\u3000-\u303f\uff00-\uff0f\uff1a-\uff20]+/giu;
const CLOSERS = { ")": "(", "]": "[", "}": "{" };

/** Punctuation at the end belongs to the sentence, as does a bracket that opened before it. */
function withoutTail(address) {
  let end = address.length;
  while (end > 0) {
    const last = address[end - 1];
    const body = address.slice(0, end);
    const opener = CLOSERS[last];
    const unbalanced = opener && body.split(last).length > body.split(opener).length;
    if (!/[.,;:!?*_~]/.test(last) && !unbalanced) break;
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
