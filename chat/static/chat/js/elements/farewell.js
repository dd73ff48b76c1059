/** What stands in place of the whole page once the server has put its person out. */
import { gettext, interpolate } from "../helpers/i18n.js";
import { icon, make } from "../helpers/dom.js";

/**
 * @param {{code: "banned"|"kicked", text: string, until?: string|null}} notice the server's last
 *   word; its sentence says why, and for how long
 */
export function sayFarewell(notice, page) {
  const isBanned = notice.code === "banned";
  const title = isBanned ? gettext("You are banned") : gettext("You were sent out");
  const main = make(
    "main.farewell",
    { id: "main", tabindex: "-1" },
    make("span.farewell-mark", {}, icon(isBanned ? "ban" : "door-open")),
    make("h1", {}, title),
    make("p", { role: "alert", dir: "auto" }, notice.text),
    isBanned && notice.until && untilLine(notice.until, page.times),
    isBanned ? signOut(page.csrfToken) : signIn(),
  );
  for (const open of document.querySelectorAll("dialog, .menu")) open.remove();
  document.querySelector(".shell").replaceWith(main);
  document.title = `${title} · ${page.site}`;
  main.focus();
}

function untilLine(until, times) {
  const text = interpolate(gettext("Until %(time)s."), { time: times.moment(until) });
  return make("p.quiet-text", {}, text);
}

function signOut(token) {
  return make(
    "form",
    { method: "post", action: "/accounts/logout/" },
    make("input", { type: "hidden", name: "csrfmiddlewaretoken", value: token }),
    make("button.button", { type: "submit" }, gettext("Sign out")),
  );
}

function signIn() {
  const next = encodeURIComponent(location.pathname + location.hash);
  return make("a.button", { href: `/accounts/login/?next=${next}` }, gettext("Sign in"));
}
