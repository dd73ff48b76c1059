/**
 * A field for text that grows with it, up to the height that its style allows. Where the
 * browser does that by itself (`field-sizing: content` in the style), nothing is measured.
 */
export function growWithText(field) {
  if (CSS.supports("field-sizing", "content")) return () => {};
  const fit = () => {
    field.style.setProperty("height", "auto");
    field.style.setProperty("height", `${field.scrollHeight}px`);
  };
  field.addEventListener("input", fit);
  return fit;
}

/** Enter sends where there are keys to break a line otherwise; under a finger it breaks it. */
export function entersToSend(event) {
  if (event.key !== "Enter" || event.shiftKey || event.altKey) return false;
  return event.ctrlKey || event.metaKey || !matchMedia("(hover: none) and (pointer: coarse)").matches;
}
