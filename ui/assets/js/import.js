// Bringing a file along: how much of it is sent, and how far the reading of it is, without reloading.
const form = document.getElementById("upload");
const sending = document.getElementById("sending");

form?.addEventListener("submit", (event) => {
  if (!form.elements.file.files.length) return;
  event.preventDefault();
  const [bar, said, stop] = [sending.querySelector("progress"), sending.querySelector("p"), sending.querySelector("button")];
  const button = form.querySelector("[type=submit]");
  sending.hidden = false;
  button.hidden = true;
  const back = (text) => {
    delete form.dataset.sent;
    button.hidden = false;
    said.textContent = text;
  };
  const request = new XMLHttpRequest(); // fetch tells nothing of what is sent
  request.upload.addEventListener("progress", (e) => {
    bar.value = e.lengthComputable ? (100 * e.loaded) / e.total : 0;
    said.textContent = e.loaded === e.total ? form.dataset.arrived : form.dataset.sending.replace("%s", `${Math.round(bar.value)} %`);
  });
  request.addEventListener("load", () => {
    if (request.status < 400) return location.assign(request.responseURL);
    const page = new DOMParser().parseFromString(request.responseText, "text/html");
    back(page.querySelector(".errsum li, main p")?.textContent.trim() ?? form.dataset.failed);
  });
  request.addEventListener("error", () => back(form.dataset.failed));
  request.addEventListener("abort", () => {
    back("");
    sending.hidden = true;
  });
  stop.addEventListener("click", () => request.abort(), { once: true });
  request.open("POST", form.action);
  request.send(new FormData(form));
});

// A page that waits for the server asks again until there is something else to say.
async function look() {
  const part = document.getElementById("import");
  if (!part?.hasAttribute("data-working")) return;
  try {
    const page = new DOMParser().parseFromString(await (await fetch(location.href, { redirect: "error" })).text(), "text/html").getElementById("import");
    if (page && !page.hasAttribute("data-working")) return location.reload();
    const [bar, now] = [part.querySelector("progress"), page?.querySelector("progress")];
    if (bar && now && bar.value !== now.value) {
      bar.value = now.value;
      bar.nextElementSibling.textContent = now.nextElementSibling.textContent;
    }
  } catch {
    // no network for a moment
  }
  setTimeout(look, 1500);
}

if (document.querySelector("#import[data-working]")) {
  document.getElementById("again").hidden = true;
  setTimeout(look, 700);
}
