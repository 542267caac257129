// Boxes in which one chooses by typing (select2, as Django makes them when the page is ready): each says what it is for.

const CHOICES = "select.admin-autocomplete";

// the cross that empties a box would stand in the list of what is chosen, where only that may stand
for (const select of document.querySelectorAll(`${CHOICES}[multiple]`)) select.dataset.allowClear = "false";

function nameChoices(within) {
  for (const select of within.querySelectorAll(CHOICES)) {
    const box = select.nextElementSibling?.querySelector?.(".select2-selection");
    const label = document.querySelector(`label[for="${select.id}"]`);
    const words = label?.textContent.trim().replace(/:$/, "") || select.getAttribute("aria-label");
    if (!box || !words) continue;
    box.querySelector(".select2-search__field")?.setAttribute("aria-label", words);
    if (!label) { box.removeAttribute("aria-labelledby"); box.setAttribute("aria-label", words); continue; }
    label.id ||= `${select.id}-label`;
    const shown = box.querySelector(".select2-selection__rendered")?.id;
    box.setAttribute("aria-labelledby", [label.id, shown].filter(Boolean).join(" "));
  }
}

addEventListener("load", () => nameChoices(document));
document.addEventListener("formset:added", ({ target }) => setTimeout(() => nameChoices(target)));
document.addEventListener("focusin", ({ target }) => { // the box that opens below
  if (target.matches(".select2-search__field:not([aria-label])")) target.setAttribute("aria-label", "Search");
});
