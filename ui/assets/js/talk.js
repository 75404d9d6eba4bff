// Messages: says at once what must not wait, keeps what is written on this phone until it is sent, and shows new messages
// without loading the page again. The pages do all of it without this script, one at a time.
const byId = (id) => document.getElementById(id);

// --- new messages

const every = 4000; // between two looks at a page that is in sight
const live = document.querySelector("[data-live][data-state]");

// put takes parts of a newer page over.
function put(page, ids) {
  for (const id of ids) {
    const [now, then] = [byId(id), page.getElementById(id)];
    if (now && then) now.replaceWith(then);
  }
}

async function renew() {
  const answer = await fetch(location.pathname + location.search, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return location.reload();
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const root = document.documentElement;
  const atEnd = root.scrollHeight - root.scrollTop - root.clientHeight < 80;
  const choosing = byId("beside")?.contains(document.activeElement);
  put(page, choosing ? ["thread", "inbox", "waiting"] : ["thread", "inbox", "waiting", "beside"]);
  const seen = byId("write")?.elements.seen;
  if (seen) seen.value = byId("thread").dataset.newest;
  if (byId("thread") && atEnd) byId("write")?.scrollIntoView({ block: "end" });
}

if (live) {
  const id = live.id;
  let looking = false;
  const look = async () => {
    if (looking || document.hidden) return;
    looking = true;
    try {
      const here = byId(id);
      const answer = await fetch(here.dataset.state, { headers: { Accept: "application/json" } });
      if (answer.redirected || answer.status === 401 || answer.status === 403 || answer.status === 404) return location.reload(); // they may not be here any more
      if (answer.ok && (await answer.json()).tag !== here.dataset.tag) await renew();
    } catch {
      // offline: the next look finds out
    } finally {
      looking = false;
    }
  };
  setInterval(look, every);
  document.addEventListener("visibilitychange", look);
}

// --- writing

const form = byId("write");
if (form) {
  const field = byId("text");
  const mirror = byId("mirror");
  const danger = byId("danger");
  const key = "mitral-draft:" + form.dataset.draft;
  let marks = [];
  let checked = "";
  let timer = 0;
  let asking = null;

  form.classList.add("live");

  // What is written stays here until it is sent. Signing out takes it away (offline-forget.js).
  const drafts = {
    get: () => { try { return localStorage.getItem(key) || ""; } catch { return ""; } },
    set: (text) => { try { text ? localStorage.setItem(key, text) : localStorage.removeItem(key); } catch { /* no room, or not allowed */ } },
  };
  if (form.dataset.sentNow) {
    drafts.set("");
    history.replaceState(null, "", location.pathname);
  } else if (!field.value) field.value = drafts.get();
  if (field.value) drafts.set(field.value); // what was typed before this script came is kept as well
  byId("kept-here").hidden = false;

  const draw = () => {
    const out = document.createDocumentFragment();
    let at = 0;
    for (const m of marks) {
      out.append(field.value.slice(at, m.start));
      const mark = document.createElement("mark");
      mark.className = "f f-urgent";
      mark.textContent = field.value.slice(m.start, m.end);
      out.append(mark);
      at = m.end;
    }
    out.append(field.value.slice(at) + "\n");
    mirror.replaceChildren(out);
  };

  // What is typed between two checks moves the marks behind it; a mark that is changed goes.
  const shift = (now) => {
    let head = 0;
    const most = Math.min(checked.length, now.length);
    while (head < most && checked[head] === now[head]) head++;
    let tail = 0;
    while (tail < most - head && checked[checked.length - 1 - tail] === now[now.length - 1 - tail]) tail++;
    const end = checked.length - tail;
    const by = now.length - checked.length;
    marks = marks.filter((m) => m.end <= head || m.start >= end).map((m) => (m.start >= end ? { start: m.start + by, end: m.end + by } : m));
    checked = now;
  };

  const say = (urgent) => {
    const shown = danger.childElementCount > 0;
    if (urgent === shown) return;
    danger.replaceChildren(...(urgent ? [byId("danger-says").content.cloneNode(true)] : []));
    byId("go").hidden = urgent; // the notice has a way to send
  };

  const check = async () => {
    clearTimeout(timer);
    asking?.abort();
    const mine = (asking = new AbortController());
    const text = field.value;
    if (!text.trim()) {
      marks = [];
      draw();
      return say(false);
    }
    try {
      const answer = await fetch(form.dataset.check, {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json" },
        body: JSON.stringify({ text }),
        signal: mine.signal,
      });
      if (!answer.ok) return;
      const out = await answer.json();
      if (mine.signal.aborted) return;
      marks = out.marks;
      checked = text;
      if (field.value !== checked) shift(field.value);
      draw();
      say(out.urgent);
    } catch {
      // offline, or a newer question is on its way: the server asks again before it sends
    }
  };

  field.addEventListener("input", () => {
    drafts.set(field.value);
    byId("said").replaceChildren();
    if (!danger) return;
    shift(field.value);
    draw();
    clearTimeout(timer);
    timer = setTimeout(check, 350);
  });

  if (danger) {
    checked = field.value;
    draw();
    if (field.value.trim()) check();
  }

  // A conversation is read from its end.
  if (!location.hash && byId("thread")?.dataset.live && form.getBoundingClientRect().bottom > innerHeight) form.scrollIntoView({ block: "end" });
}
