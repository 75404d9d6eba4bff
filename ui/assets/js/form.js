// A form is sent once: a second press of its button, before the page has changed, does nothing.
// The menu of the desk closes when one presses outside it or on Escape.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method === "get") return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "1";
  if (new URL(form.action).pathname === "/sign-out") { // what the app keeps on this device goes first
    event.preventDefault();
    Promise.race([forget(), new Promise((done) => setTimeout(done, 2000))]).finally(() => HTMLFormElement.prototype.submit.call(form));
  }
});

const forget = () => import("./offline-forget.js").then((app) => app.forget()).catch(() => {});
if (location.pathname === "/sign-in") forget(); // nobody is signed in here any more

// Coming back to the page with the browser's Back button makes its forms usable again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

const menu = document.querySelector(".railtop details");
if (menu) {
  document.addEventListener("click", (event) => {
    if (menu.open && !menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
}
