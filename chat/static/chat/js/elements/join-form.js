/** Joining an open room from the page that shows it. */
import { gettext, interpolate } from "../helpers/i18n.js";
import { make } from "../helpers/dom.js";
import { sendForm } from "../helpers/server.js";

const PATIENCE_MS = 2_000;

/** The form that joins the open room of the page. */
export function joinForm(page) {
  const { name, id } = page.session.facts;
  const text = interpolate(gettext("You are reading %(room)s."), { room: name });
  const button = make("button.button.primary", { type: "submit" }, gettext("Join the room"));
  const token = { type: "hidden", name: "csrfmiddlewaretoken", value: page.csrfToken };
  const problem = make("p.problem", { role: "alert", hidden: true });
  const facts = { method: "post", action: `/rooms/${id}/join/` };
  const form = make("form.join", facts, make("input", token), make("p", {}, text), button, problem);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    try {
      await sendForm(form);
      expectMembership(page.session, id);
    } catch (refusal) {
      if (!refusal?.code) throw refusal;
      button.disabled = false;
      problem.textContent = refusal.text;
      problem.hidden = false;
    }
  });
  return form;
}

/** The socket tells of the membership; should it be late, a fresh welcome does. */
function expectMembership(session, room) {
  setTimeout(() => {
    if (!session.rooms.get(room)) session.connection.refresh();
  }, PATIENCE_MS);
}
