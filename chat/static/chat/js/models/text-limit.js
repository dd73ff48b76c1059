/** How long a message may be, counted as the server counts: in code points. */

export const MAX_CHARS = 4_000;
/** From here on the writer is shown how many are left. */
export const COUNT_FROM = 3_600;

export function lengthOf(text) {
  // Only long texts are worth walking through: code points never outnumber code units.
  if (text.length <= COUNT_FROM) return text.length;
  let length = 0;
  for (const _ of text) length += 1;
  return length;
}
