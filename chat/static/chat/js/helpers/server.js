/** Asking the server by HTTP, in the same words as on the socket. */
import { gettext } from "./i18n.js";

/** A refusal or a failure, with a sentence for the person. */
export class Refusal extends Error {
  constructor(code, text) {
    super(text);
    this.code = code;
    this.text = text;
  }
}

async function refusalOf(response) {
  const said = await response.json().catch(() => null);
  const text = said?.text ?? gettext("The server did not answer as it should. Please try again.");
  return new Refusal(said?.code ?? "refused", text);
}

async function ask(address, options) {
  let response;
  try {
    response = await fetch(address, { credentials: "same-origin", ...options });
  } catch {
    throw new Refusal("lost", gettext("The server cannot be reached."));
  }
  if (!response.ok) throw await refusalOf(response);
  return response;
}

/** Read JSON; rejects with a `Refusal`. */
export async function readJson(address) {
  const headers = { Accept: "application/json" };
  return (await ask(address, { headers, cache: "no-store" })).json();
}

export function fetchHistory(room, query) {
  return readJson(`/api/rooms/${room}/messages/?${new URLSearchParams(query)}`);
}

export function fetchPeople(room) {
  return readJson(`/api/rooms/${room}/people/`);
}

export function fetchPins(room) {
  return readJson(`/api/rooms/${room}/pins/`);
}

export function fetchSanctions(room) {
  return readJson(`/api/rooms/${room}/sanctions/`);
}

/** Send a form of the page as it stands, without leaving the page. */
export async function sendForm(form) {
  const headers = { Accept: "application/json" };
  await ask(form.action, { method: "POST", body: new FormData(form), headers });
}
