/**
 * Making and using passkeys: between the forms of the page and the browser's WebAuthn.
 * One module without imports, so that the sign-in page needs no map of modules.
 * https://www.w3.org/TR/webauthn-3/
 */

/** What one is told (by a sentence of the page) of what the browser throws. */
const TROUBLES = {
  AbortError: "cancelled",
  NotAllowedError: "cancelled",
  InvalidStateError: "known",
};
const BINARY = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];

export function bytesOf(base64url) {
  const text = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

export function base64urlOf(buffer) {
  const text = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function known(credentials = []) {
  return credentials.map((one) => ({ ...one, id: bytesOf(one.id) }));
}

/** The server's JSON as `navigator.credentials.create` wants it. */
export function makingOptions({ publicKey }, { alone }) {
  return {
    publicKey: {
      ...publicKey,
      challenge: bytesOf(publicKey.challenge),
      user: { ...publicKey.user, id: bytesOf(publicKey.user.id) },
      excludeCredentials: known(publicKey.excludeCredentials),
      authenticatorSelection: {
        ...publicKey.authenticatorSelection,
        residentKey: alone ? "required" : "discouraged",
        requireResidentKey: alone,
        userVerification: alone ? "required" : "preferred",
      },
    },
  };
}

/** The server's JSON as `navigator.credentials.get` wants it. */
export function usingOptions({ publicKey }) {
  return {
    publicKey: {
      ...publicKey,
      challenge: bytesOf(publicKey.challenge),
      allowCredentials: known(publicKey.allowCredentials),
    },
  };
}

/** What the browser answered, as JSON for the server. */
export function credentialJson(credential) {
  const response = {};
  for (const name of BINARY) {
    if (credential.response[name]) response[name] = base64urlOf(credential.response[name]);
  }
  return JSON.stringify({
    id: credential.id,
    rawId: base64urlOf(credential.rawId),
    type: credential.type,
    response,
    clientExtensionResults: { credProps: credential.getClientExtensionResults().credProps },
  });
}

/** A passkey belongs to a name: browsers refuse it on a page that is reached by number. */
export function isSupported(window) {
  const { hostname } = window.location;
  const isNumber = /^[\d.]+$/.test(hostname) || hostname.startsWith("[");
  return Boolean(window.isSecureContext && window.PublicKeyCredential) && !isNumber;
}

async function askedOf(form) {
  const onPage = form.ownerDocument.getElementById("passkey-options");
  if (onPage) return JSON.parse(onPage.textContent);
  const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
  return answer.json();
}

async function fulfil(form) {
  const asked = await askedOf(form);
  if (form.dataset.passkey === "make") {
    const options = makingOptions(asked.creation_options, { alone: form.elements.alone.checked });
    return navigator.credentials.create(options);
  }
  return navigator.credentials.get(usingOptions(asked.request_options));
}

function tell(form, trouble) {
  for (const sentence of form.querySelectorAll("[data-trouble]")) {
    sentence.hidden = sentence.dataset.trouble !== trouble;
  }
}

async function submitted(event) {
  event.preventDefault();
  const form = event.target;
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  tell(form, "");
  try {
    form.elements.credential.value = credentialJson(await fulfil(form));
    form.submit();
  } catch (error) {
    tell(form, TROUBLES[error.name] ?? "unknown");
    button.disabled = false;
  }
}

if (globalThis.document && isSupported(globalThis)) {
  for (const notice of document.querySelectorAll("[data-without-passkeys]")) notice.hidden = true;
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", submitted);
  }
}
