/** Passkeys: the server's JSON becomes what the browser wants, and its answer becomes JSON. */

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  base64urlOf,
  bytesOf,
  credentialJson,
  isSupported,
  makingOptions,
  usingOptions,
} from "../../chat/static/chat/js/passkeys.js";

const bytes = (...numbers) => Uint8Array.from(numbers);

test("bytes survive the way to text and back", () => {
  for (let length = 0; length < 70; length += 1) {
    const some = Uint8Array.from({ length }, (_, at) => (at * 89 + 251) % 256);
    const text = base64urlOf(some.buffer);
    assert.match(text, /^[\w-]*$/);
    assert.deepEqual(bytesOf(text), some);
  }
});

const ASKED = {
  publicKey: {
    rp: { id: "chat.example", name: "Chat" },
    challenge: "-_8",
    user: { id: "YQ", name: "bob" },
    excludeCredentials: [{ type: "public-key", id: "AQI" }],
    authenticatorSelection: { userVerification: "preferred" },
  },
};

test("one that lets in alone has to be found by the device, and to know its owner", () => {
  const { publicKey } = makingOptions(ASKED, { alone: true });
  assert.deepEqual(publicKey.challenge, bytes(251, 255));
  assert.deepEqual(publicKey.user, { id: bytes(97), name: "bob" });
  assert.deepEqual(publicKey.excludeCredentials, [{ type: "public-key", id: bytes(1, 2) }]);
  assert.deepEqual(publicKey.authenticatorSelection, {
    residentKey: "required",
    requireResidentKey: true,
    userVerification: "required",
  });
});

test("an old security key is asked for less", () => {
  const { authenticatorSelection } = makingOptions(ASKED, { alone: false }).publicKey;
  assert.equal(authenticatorSelection.residentKey, "discouraged");
  assert.equal(authenticatorSelection.userVerification, "preferred");
});

test("where nobody is named, any passkey of the site will do", () => {
  const { publicKey } = usingOptions({ publicKey: { challenge: "AQ", rpId: "chat.example" } });
  assert.deepEqual(publicKey.allowCredentials, []);
  assert.deepEqual(publicKey.challenge, bytes(1));
});

test("an answer has what the server reads, and nothing else", () => {
  const answer = {
    id: "AQI",
    rawId: bytes(1, 2).buffer,
    type: "public-key",
    response: {
      clientDataJSON: bytes(123, 125).buffer,
      signature: bytes(255).buffer,
      userHandle: null,
      getTransports: () => ["usb"],
    },
    getClientExtensionResults: () => ({ credProps: { rk: true }, prf: { enabled: true } }),
  };
  assert.deepEqual(JSON.parse(credentialJson(answer)), {
    id: "AQI",
    rawId: "AQI",
    type: "public-key",
    response: { clientDataJSON: "e30", signature: "_w" },
    clientExtensionResults: { credProps: { rk: true } },
  });
});

test("passkeys want a safe line and a name", () => {
  const window = (hostname, isSecureContext = true) => ({
    isSecureContext,
    PublicKeyCredential: class {},
    location: { hostname },
  });
  assert.equal(isSupported(window("chat.example")), true);
  assert.equal(isSupported(window("localhost")), true);
  assert.equal(isSupported(window("127.0.0.1")), false);
  assert.equal(isSupported(window("[::1]")), false);
  assert.equal(isSupported(window("chat.example", false)), false);
  assert.equal(isSupported({ ...window("chat.example"), PublicKeyCredential: undefined }), false);
});
