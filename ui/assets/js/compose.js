// The composer: marks what the gate finds while one writes, saves by itself, and puts suggested
// wordings in place. The form does all of it without this script, a page at a time.
const form = document.getElementById("composer");
const body = document.getElementById("body");

if (form && body) {
  const byId = (id) => document.getElementById(id);
  const title = byId("title");
  const mirror = byId("mirror");
  const says = byId("gate-says");
  const savedAt = byId("saved");
  const severities = ["note", "warn", "hold", "block", "urgent"];
  const zeroWidth = "\u2060";

  let findings = []; // as the gate last saw them
  let checked = ""; // the body that they belong to
  let checking = null; // the request that is on its way
  let checkTimer = 0;
  let saveTimer = 0;
  let saving = null;
  let stored = "";
  let clashed = false;

  form.classList.add("live");

  // --- the marks below the text

  const el = (name, className, text) => {
    const e = document.createElement(name);
    e.className = className;
    if (text !== undefined) e.textContent = text;
    return e;
  };

  function drawMarks() {
    const text = body.value;
    const marks = findings.filter((f) => f.field === "body" && f.start < f.end);
    const cuts = [...new Set([0, text.length, ...marks.flatMap((m) => [m.start, m.end])])]
      .filter((n) => n <= text.length)
      .sort((a, b) => a - b);
    const out = document.createDocumentFragment();
    for (let i = 1; i < cuts.length; i++) {
      const [from, to] = [cuts[i - 1], cuts[i]];
      const over = marks.filter((m) => m.start <= from && to <= m.end);
      const piece = text.slice(from, to);
      if (over.length === 0) {
        out.append(piece);
        continue;
      }
      over.sort((a, b) => severities.indexOf(b.severity) - severities.indexOf(a.severity));
      const top = over[0];
      const mark = el("mark", "f f-" + top.severity, piece);
      if (to === top.end) {
        const at = el("span", "at");
        at.append(el("span", "n n-" + top.severity, String(top.n)));
        mark.append(zeroWidth, at);
      }
      out.append(mark);
    }
    out.append("\n"); // a last empty line has a height too
    mirror.replaceChildren(out);
  }

  // What is typed between two checks moves the marks behind it; a mark that is changed goes.
  function shiftMarks(now) {
    const was = checked;
    let head = 0;
    const most = Math.min(was.length, now.length);
    while (head < most && was[head] === now[head]) head++;
    let tail = 0;
    while (tail < most - head && was[was.length - 1 - tail] === now[now.length - 1 - tail]) tail++;
    const end = was.length - tail;
    const by = now.length - was.length;
    findings = findings
      .filter((f) => f.field !== "body" || f.end <= head || f.start >= end)
      .map((f) => (f.field === "body" && f.start >= end ? { ...f, start: f.start + by, end: f.end + by } : f));
    checked = now;
  }

  function markFields() {
    for (const field of form.querySelectorAll(".field")) field.classList.remove(...severities.map((s) => "marked-" + s));
    const worst = {};
    for (const f of findings) {
      if (!worst[f.field] || severities.indexOf(f.severity) > severities.indexOf(worst[f.field])) worst[f.field] = f.severity;
    }
    const mark = (control, severity) => severity && control && control.closest(".field").classList.add("marked-" + severity);
    mark(title, worst.title);
    alts().forEach((a, n) => mark(a, worst["alt:" + (n + 1)]));
  }

  // --- asking the gate

  const alts = () => [...form.querySelectorAll("textarea[name^='alt-']")];

  const content = () => ({
    id: form.dataset.id || "",
    edits: form.elements.edits ? form.elements.edits.value : "",
    kind: form.elements.kind ? form.elements.kind.value : form.dataset.kind,
    lang: form.elements.lang ? form.elements.lang.value : body.lang,
    title: title ? title.value : "",
    body: body.value,
    pictures: alts().map((a) => ({ id: a.name.slice(4), alt: a.value })),
  });

  function put(id, html) {
    const at = byId(id);
    if (!at || at.dataset.html === html) return;
    at.dataset.html = html;
    at.innerHTML = html; // made by the server, which escapes it
  }

  async function check() {
    clearTimeout(checkTimer);
    if (checking) checking.abort();
    const mine = (checking = new AbortController());
    const asked = content();
    try {
      const answer = await fetch("/compose/check", {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json" },
        body: JSON.stringify(asked),
        signal: mine.signal,
      });
      const out = await answer.json();
      if (mine.signal.aborted) return false;
      if (!answer.ok) {
        says.textContent = out.error ? out.error.text : "";
        return false;
      }
      findings = out.findings;
      checked = asked.body;
      if (body.value !== checked) shiftMarks(body.value);
      drawMarks();
      markFields();
      put("gate", out.html.gate);
      put("plain", out.html.plain);
      put("verdict", out.html.chip);
      put("go", out.html.go);
      if (says.textContent !== out.says) says.textContent = out.says;
      return true;
    } catch {
      return false; // offline, or a newer question is on its way
    }
  }

  function soon() {
    clearTimeout(checkTimer);
    checkTimer = setTimeout(check, 350);
    clearTimeout(saveTimer);
    saveTimer = setTimeout(save, 2500);
  }

  // --- saving by itself

  const snapshot = () => {
    const data = new FormData(form);
    data.delete("picture");
    data.delete("rev");
    data.delete("attest");
    return JSON.stringify([...data]);
  };

  async function save() {
    clearTimeout(saveTimer);
    if (clashed) return;
    if (saving) {
      saveTimer = setTimeout(save, 500);
      return;
    }
    const now = snapshot();
    if (now === stored || (!form.dataset.id && !body.value.trim() && !(title && title.value.trim()))) return;
    const data = new FormData(form);
    data.delete("picture");
    data.set("do", "save");
    saving = fetch(form.action, { method: "POST", body: data, headers: { Accept: "application/json" } });
    try {
      const answer = await saving;
      const out = await answer.json();
      if (answer.ok) {
        stored = now;
        form.elements.rev.value = out.rev;
        if (!form.dataset.id) {
          form.dataset.id = out.id;
          form.action = "/compose/" + out.id;
          history.replaceState(null, "", form.action);
        }
        savedAt.textContent = out.says;
      } else if (out.error) {
        clashed = answer.status === 409;
        savedAt.textContent = out.error.text;
      }
    } catch {
      saveTimer = setTimeout(save, 5000); // offline: try again
    } finally {
      saving = null;
    }
  }

  // --- taking a suggestion

  function control(field) {
    if (field === "body") return body;
    if (field === "title") return title;
    return alts()[Number(field.slice(4)) - 1];
  }

  async function use(n) {
    let f = findings.find((one) => one.n === n);
    if (!f || (f.field === "body" && checked !== body.value)) {
      await check();
      f = findings.find((one) => one.n === n);
    }
    const into = f && control(f.field);
    if (!into || !f.suggestion) return;
    into.focus();
    into.setSelectionRange(f.start, f.end);
    // insertText keeps the browser's own undo.
    if (!document.execCommand("insertText", false, f.suggestion)) into.setRangeText(f.suggestion, f.start, f.end, "end");
    await check();
  }

  form.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-finding]");
    if (!button) {
      const again = event.target.closest("button[name='do'][value='check']");
      if (again) {
        event.preventDefault();
        check();
      }
      return;
    }
    event.preventDefault();
    use(Number(button.dataset.finding));
  });

  form.addEventListener("input", (event) => {
    if (event.target === body) {
      shiftMarks(body.value);
      drawMarks();
    }
    if (event.target.name !== "attest") soon();
  });

  form.addEventListener("change", (event) => {
    if (event.target.id !== "picture") {
      if (event.target.name === "lang") for (const e of [body, title, ...alts()]) if (e) e.lang = event.target.value;
      if (event.target.name !== "attest") soon();
      return;
    }
    if (event.target.files.length > 0) byId("add-picture").click(); // stores the text as well
  });

  // A save that is on its way would make the form's revision an old one.
  form.addEventListener(
    "submit",
    async (event) => {
      clearTimeout(saveTimer);
      clearTimeout(checkTimer);
      if (!saving || form.dataset.waited) return;
      event.preventDefault();
      event.stopPropagation();
      form.dataset.waited = "1";
      const button = event.submitter;
      try {
        await saving;
      } catch {
        // told by save
      }
      setTimeout(() => form.requestSubmit(button));
    },
    true,
  );

  window.addEventListener("pageshow", (event) => {
    delete form.dataset.waited;
    if (event.persisted) location.reload(); // what was stored may be newer than this page
  });

  stored = snapshot();
  checked = body.value;
  drawMarks();
  if (body.value.trim() || (title && title.value.trim())) check();
}
