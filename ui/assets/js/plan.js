// "Done" without a network: the press is kept on this phone and sent when there is one. It says day and turn, so the
// server takes it once, however often it arrives; what it doesn't know (another person's plan) it refuses, and it is
// dropped here.
const name = "mitral-plan-acts";
const note = document.getElementById("kept");

const read = () => {
  try {
    return JSON.parse(localStorage.getItem(name)) ?? [];
  } catch {
    return [];
  }
};
const write = (all) => (all.length ? localStorage.setItem(name, JSON.stringify(all)) : localStorage.removeItem(name));
const show = () => {
  if (!note) return;
  const all = read();
  note.hidden = all.length === 0;
  if (all.length) note.querySelector("b").textContent = note.dataset.kept;
  for (const form of document.querySelectorAll("form[data-act]")) {
    const path = new URL(form.action).pathname;
    const waits = all.some((a) => a.path === path && a.body === new URLSearchParams(new FormData(form)).toString());
    form.querySelector("button").toggleAttribute("disabled", waits);
  }
};

async function send() {
  let sent = 0;
  for (const act of read()) {
    let said;
    try {
      said = await fetch(act.path, { method: "POST", body: new URLSearchParams(act.body), redirect: "manual" });
    } catch {
      break; // still no network
    }
    if (said.status >= 500 || said.status === 429) break;
    write(read().filter((a) => a.path !== act.path || a.body !== act.body));
    sent++;
  }
  if (sent) location.reload();
  else show();
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[data-act]") || navigator.onLine !== false) return;
  event.preventDefault();
  const act = { path: new URL(form.action).pathname, body: new URLSearchParams(new FormData(form)).toString() };
  write([...read().filter((a) => a.path !== act.path || a.body !== act.body), act].slice(-100));
  delete form.dataset.sent;
  show();
}, { capture: true });

addEventListener("online", send);
if (read().length && navigator.onLine !== false) send();
else show();
