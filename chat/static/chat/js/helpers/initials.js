/** What stands for a person without a picture; the same rules as chat/avatars.py. */

const IDEOGRAPH = /[\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\u{20000}-\u{3ffff}]/u;
const LETTER = /[\p{L}\p{N}_]/u;
const HUE_STEP = 15;

/** The last two characters of a Chinese name; else the first letters of two words. */
export function initials(name) {
  const letters = [...name].filter((char) => LETTER.test(char));
  if (letters.length > 0 && IDEOGRAPH.test(letters.at(-1))) {
    return letters.filter((char) => IDEOGRAPH.test(char)).slice(-2).join("");
  }
  const firsts = name.split(/\s+/u).map((word) => [...word].find((char) => LETTER.test(char)));
  const words = firsts.filter(Boolean);
  const chosen = words.length < 2 ? words : [words[0], words.at(-1)];
  return [...chosen.join("").toUpperCase()].slice(0, 2).join("") || "?";
}

/** The class of css/avatar.css for a hue of 0 to 359 degrees. */
export function hueClass(hue) {
  return `hue-${Math.floor((hue % 360) / HUE_STEP)}`;
}

const EMOJI_ONLY = /^(?:\p{RGI_Emoji}|\s)+$/v;

/** One to three emoji and nothing else: shown larger. */
export function isFewEmoji(text) {
  if (text.length > 40 || !EMOJI_ONLY.test(text)) return false;
  const marks = [...new Intl.Segmenter().segment(text.replace(/\s/g, ""))];
  return marks.length > 0 && marks.length <= 3;
}
