/**
 * The words of the page in the reader's language. The functions carry gettext's names,
 * so that `makemessages -d djangojs` finds the sentences.
 */
import { pluralRule } from "./plural.js";

let catalogue = {};
let formOf = (n) => (n === 1 ? 0 : 1);

/** @param {{catalog: object, plural: string|null}} data what Django's JSONCatalog gives */
export function useCatalogue(data) {
  catalogue = data.catalog ?? {};
  formOf = data.plural ? pluralRule(data.plural) : (n) => (n === 1 ? 0 : 1);
}

export function gettext(text) {
  const found = catalogue[text];
  return (Array.isArray(found) ? found[0] : found) || text;
}

export function ngettext(singular, plural, n) {
  const found = catalogue[singular];
  if (Array.isArray(found)) return found[formOf(n)] || found[0];
  return n === 1 ? singular : plural;
}

/** Put the parts into their places: "%(name)s" takes `parts.name`. */
export function interpolate(text, parts) {
  return text.replace(/%\((\w+)\)s/g, (place, name) => String(parts[name] ?? place));
}
