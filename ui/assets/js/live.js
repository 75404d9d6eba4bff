// The list of who needs somebody stays right while it is open. Lines that change are put in their place at once;
// what would move others waits while somebody points at the list, scrolls or has a line in focus. Without this module
// the page is right as of when it was opened, and says so.
const bar = document.getElementById("live");
const queue = document.getElementById("queue");

if (bar && bar.offsetParent && queue && "EventSource" in window) {
  const data = bar.dataset;
  const settled = () => document.getElementById("settled");
  const says = bar.querySelector("[data-says]");
  const fresh = document.querySelector("[data-new]");
  const still = 3000; // ms without a touch, after which the list may move
  const silent = 25000; // ms without a sign of life, after which it counts as lost
  let mark = data.mark;
  let stream = null;
  let tries = 0;
  let heard = Date.now();
  let touched = 0;
  let announced = new Set(); // patients who are new since the reader last looked
  const waiting = new Map(); // patient → line (null: off the list), to be put in place when the list may move

  const show = (state) => {
    for (const part of bar.querySelectorAll("[data-when]")) part.hidden = part.dataset.when !== state;
  };
  const clock = () => {
    const now = new Date(heard);
    const time = now.getHours() + ":" + String(now.getMinutes()).padStart(2, "0");
    for (const part of bar.querySelectorAll("[data-clock]")) part.textContent = time;
  };
  const lineOf = (patient) =>
    [...document.querySelectorAll("#queue > li, #settled > li")].find((li) => li.dataset.patient === patient);

  // What the reader's hands and eyes are on does not move.
  for (const kind of ["pointermove", "pointerdown", "touchstart", "wheel"]) {
    document.addEventListener(kind, (event) => {
      if (event.target.closest && event.target.closest(".queue")) touched = Date.now();
    }, { passive: true });
  }
  document.addEventListener("scroll", () => { touched = Date.now(); }, { passive: true, capture: true });
  const mayMove = () =>
    Date.now() - touched > still && !(document.activeElement && document.activeElement.closest(".queue li"));

  const parse = (html) => {
    const box = document.createElement("template");
    box.innerHTML = html;
    return box.content.querySelector("li");
  };
  const adapt = (li) => {
    const link = li.querySelector("a");
    const who = queue.dataset.who;
    if (who && !link.search) link.href = link.getAttribute("href") + who;
    if (link.pathname === location.pathname) link.setAttribute("aria-current", "true");
    return li;
  };

  // renew changes a line where it stands: the link stays the same element, so that focus stays on it.
  const renew = (old, now) => {
    const a = old.querySelector("a");
    const b = now.querySelector("a");
    a.className = b.className;
    a.replaceChildren(...b.childNodes);
    Object.assign(old.dataset, now.dataset);
  };

  const before = (a, b) =>
    b.dataset.rank - a.dataset.rank || (a.dataset.waits || 0) - (b.dataset.waits || 0);

  const place = () => {
    for (const [patient, now] of waiting) {
      const old = lineOf(patient);
      if (!now) {
        if (old) old.remove();
        continue;
      }
      if (old) old.remove();
      const calm = now.dataset.rank === "0";
      const list = calm ? settled() || (old ? queue : null) : queue;
      if (!list) continue;
      const next = [...list.children].find((li) => before(now, li) < 0);
      list.insertBefore(adapt(now), next || null);
    }
    waiting.clear();
    const empty = document.querySelector("[data-empty]");
    if (empty) empty.hidden = queue.children.length > 0;
    tell();
  };

  const tell = () => {
    const n = [...waiting.keys()].filter((p) => announced.has(p)).length;
    fresh.hidden = waiting.size === 0;
    fresh.querySelector("span").textContent = words(Math.max(1, n));
    count();
  };
  const words = (n) => (n === 1 ? data.one : data.many.replace("{n}", n));

  // The heading counts what is on the page, if that is everybody who waits. The sentence below it is asked for anew, seldom.
  let asked = Date.now();
  let later = 0;
  const count = () => {
    const h1 = document.querySelector("#head h1, #head .headline");
    if (h1 && data.count === "true") {
      const n = [...queue.children].filter((li) => li.dataset.rank > 1).length;
      h1.textContent = n === 0 ? data.nobody : n === 1 ? data.person : data.people.replace("{n}", n);
    }
    if (!later) later = setTimeout(resync, Math.max(5000, 60000 - (Date.now() - asked)));
  };

  const take = (lines) => {
    for (const { patient, html } of lines) {
      const now = html ? parse(html) : null;
      const old = lineOf(patient);
      if (now && !old) announced.add(patient);
      if (now && old) {
        const copy = now.cloneNode(true);
        const moves = old.dataset.rank !== now.dataset.rank || old.dataset.waits !== now.dataset.waits;
        if (old.dataset.rank < now.dataset.rank) announced.add(patient);
        renew(old, copy);
        adapt(old);
        if (moves) waiting.set(patient, now);
        else waiting.delete(patient);
      } else if (now || old) waiting.set(patient, now);
    }
    const added = [...waiting.keys()].filter((p) => announced.has(p)).length;
    if (added) says.textContent = words(added);
    if (mayMove()) place();
    else tell();
  };
  fresh.addEventListener("click", () => {
    place();
    announced = new Set();
    queue.querySelector("a")?.focus();
  });

  // resync reads the list as it is, and puts in what differs. The open page stays.
  const resync = async () => {
    asked = Date.now();
    clearTimeout(later);
    try {
      const answer = await fetch(data.list, { headers: { Accept: "text/html" } });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const head = page.getElementById("head");
      const own = document.getElementById("head");
      if (head && own) {
        own.querySelector("h1, .headline").textContent = head.querySelector("h1").textContent;
        own.querySelector(".soft").textContent = head.querySelector(".soft").textContent;
      }
      if (!page.getElementById("queue")) return;
      const lines = [...page.querySelectorAll("#queue > li, #settled > li")].map((li) => ({ patient: li.dataset.patient, html: li.outerHTML }));
      const there = new Set(lines.map((l) => l.patient));
      const changed = lines.filter((l) => {
        const old = lineOf(l.patient);
        return !old || old.textContent !== parse(l.html).textContent || old.dataset.waits !== parse(l.html).dataset.waits;
      });
      const gone = data.count === "true" ? [...document.querySelectorAll("#queue > li, #settled > li")].filter((li) => !there.has(li.dataset.patient)) : [];
      const all = [...changed, ...gone.map((li) => ({ patient: li.dataset.patient, html: "" }))];
      if (all.length) take(all);
    } catch {
      // The stream tells whether the connection is lost.
    }
    later = 0;
  };

  const alive = () => {
    heard = Date.now();
    tries = 0;
    show("live");
    clock();
  };
  const open = () => {
    stream = new EventSource(data.src);
    stream.addEventListener("hello", (event) => {
      const at = JSON.parse(event.data).mark;
      alive();
      if (at !== mark) resync();
      mark = at;
    });
    stream.addEventListener("lines", (event) => {
      const change = JSON.parse(event.data);
      mark = change.mark;
      alive();
      take(change.lines);
    });
    stream.addEventListener("beat", alive);
    stream.addEventListener("error", again);
  };
  // A stream ends now and then by itself: the first new try is quick and silent. After that it says that it is lost.
  let timer = 0;
  const again = () => {
    if (stream) stream.close();
    stream = null;
    clearTimeout(timer);
    if (tries > 0) show("lost");
    const wait = tries === 0 ? 300 : Math.min(30000, 1000 * 2 ** tries);
    tries++;
    timer = setTimeout(open, wait * (0.75 + Math.random() / 2));
  };

  setInterval(() => {
    if (stream && Date.now() - heard > silent) again();
    if (waiting.size && mayMove()) place();
  }, 1000);
  // How long each waits grows while one looks.
  setInterval(() => {
    for (const li of document.querySelectorAll("#queue > li")) {
      const minutes = Math.floor((Date.now() / 1000 - li.dataset.waits) / 60);
      const place = li.querySelector(".waits");
      if (!li.dataset.waits || !place || minutes < 1 || minutes >= 24 * 60) continue;
      const [form, n] = minutes < 60 ? [data.minutes, minutes] : [data.hours, Math.floor(minutes / 60)];
      if (minutes < 60 || minutes % 60 === 0) place.textContent = form.replace("{n}", n);
    }
  }, 60000);
  window.addEventListener("online", () => { if (!stream) { clearTimeout(timer); open(); } });
  window.addEventListener("offline", () => { tries = Math.max(1, tries); again(); });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && !stream) { clearTimeout(timer); open(); }
  });
  window.addEventListener("pagehide", () => { if (stream) stream.close(); stream = null; clearTimeout(timer); });
  window.addEventListener("pageshow", (event) => { if (event.persisted) { mark = ""; open(); } });
  open();
}
