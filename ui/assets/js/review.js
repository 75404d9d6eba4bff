// The button of the decision says what it will do, and a rule's wording can be taken over. Without
// this module the form works the same, with one button for every decision.
const form = document.getElementById("decision");
if (form) {
  const button = form.querySelector("[data-decide]");
  const label = button.querySelector("span");
  const plain = label.textContent;

  const name = () => {
    const chosen = form.querySelector("input[name=act]:checked");
    label.textContent = chosen ? chosen.dataset.button : plain;
  };
  form.addEventListener("change", (event) => {
    if (event.target.name === "act") name();
  });
  window.addEventListener("pageshow", name);
  name();

  const sendBack = form.querySelector("input[name=act][value=send_back]");
  const wording = document.getElementById("wording");
  for (const take of document.querySelectorAll("[data-suggest]")) {
    const field = form.elements.namedItem(take.dataset.field);
    if (!field || !sendBack || !wording) continue;
    take.hidden = false;
    take.addEventListener("click", () => {
      field.value = take.dataset.quote ? field.value.replace(take.dataset.quote, () => take.dataset.suggest) : take.dataset.suggest;
      sendBack.checked = true;
      name();
      wording.open = true;
      field.focus();
      const at = field.value.indexOf(take.dataset.suggest);
      if (at >= 0) field.setSelectionRange(at, at + take.dataset.suggest.length);
    });
  }

  const checked = document.getElementById("checked");
  if (checked) checked.scrollIntoView({ block: "center" });
}
