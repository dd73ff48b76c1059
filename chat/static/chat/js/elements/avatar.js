/** A person's picture, or their initials on their colour. The name always stands beside it. */
import { hueClass, initials } from "../helpers/initials.js";
import { make } from "../helpers/dom.js";

/** @param {string} size "", "small" or "large" */
export function avatarOf(person, size = "") {
  const frame = make("span.avatar", { "aria-hidden": "true" });
  frame.classList.add(hueClass(person.hue));
  if (size) frame.classList.add(size);
  const { picture } = person;
  if (picture) {
    frame.append(make("img", { src: picture, alt: "", width: 256, height: 256, loading: "lazy" }));
  } else frame.append(initials(person.name));
  return frame;
}
