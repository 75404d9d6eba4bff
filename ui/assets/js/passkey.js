// Signing in with the keys of a device, and setting one up (WebAuthn). Every [data-passkey] block has
// a button, a line for errors, and the words for them; without this script it is not shown.

const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const toText = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

async function send(path, body) {
  const response = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify(body),
  });
  const data = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refused(data.error?.text);
  return data;
}

// Refused carries a sentence from the server, in the person's language.
class Refused extends Error {}

const ids = (list) => (list ?? []).map((item) => ({ ...item, id: toBytes(item.id) }));

async function signIn(next) {
  const { publicKey } = await send("/sign-in/passkey/begin", { next });
  const answer = await navigator.credentials.get({
    publicKey: { ...publicKey, challenge: toBytes(publicKey.challenge), allowCredentials: ids(publicKey.allowCredentials) },
  });
  const { response } = answer;
  return send("/sign-in/passkey/finish", {
    answer: {
      id: answer.id,
      rawId: toText(answer.rawId),
      type: answer.type,
      authenticatorAttachment: answer.authenticatorAttachment ?? undefined,
      clientExtensionResults: {},
      response: {
        authenticatorData: toText(response.authenticatorData),
        clientDataJSON: toText(response.clientDataJSON),
        signature: toText(response.signature),
        userHandle: response.userHandle ? toText(response.userHandle) : undefined,
      },
    },
  });
}

async function register(form) {
  const field = (name) => (form ?? document).querySelector(`[name="${name}"]`)?.value ?? "";
  const invite = form?.dataset.invite ?? "";
  const about = invite ? { invite, name: field("name"), login: field("login") } : {};
  const { publicKey } = await send("/passkeys/begin", about);
  const made = await navigator.credentials.create({
    publicKey: {
      ...publicKey,
      challenge: toBytes(publicKey.challenge),
      user: { ...publicKey.user, id: toBytes(publicKey.user.id) },
      excludeCredentials: ids(publicKey.excludeCredentials),
    },
  });
  const { response } = made;
  return send("/passkeys/finish", {
    name: field("device"),
    answer: {
      id: made.id,
      rawId: toText(made.rawId),
      type: made.type,
      authenticatorAttachment: made.authenticatorAttachment ?? undefined,
      clientExtensionResults: {},
      response: {
        attestationObject: toText(response.attestationObject),
        clientDataJSON: toText(response.clientDataJSON),
        transports: response.getTransports?.() ?? [],
      },
    },
  });
}

for (const block of document.querySelectorAll("[data-passkey]")) {
  const button = block.querySelector("button");
  const error = block.querySelector(".err");
  const say = (words) => {
    error.textContent = words;
    error.hidden = !words;
  };
  if (!window.PublicKeyCredential) {
    button.disabled = true;
    say(block.dataset.missing);
    continue;
  }
  button.addEventListener("click", async () => {
    say("");
    button.disabled = true;
    try {
      const { next } = block.dataset.passkey === "register" ? await register(block.closest("form")) : await signIn(block.dataset.next);
      window.location.assign(next);
    } catch (reason) {
      button.disabled = false;
      if (reason instanceof Refused && reason.message) say(reason.message);
      else say(reason?.name === "NotAllowedError" ? block.dataset.cancelled : block.dataset.failed);
    }
  });
}
