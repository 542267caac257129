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
    const shown = box.querySelector(".select2-selection__rendered[role=textbox]"); // of one that is chosen
    for (const each of [box, shown].filter(Boolean)) {
      if (!label) each.setAttribute("aria-label", words);
      else each.setAttribute("aria-labelledby", [(label.id ||= `${select.id}-label`), shown?.id].filter(Boolean).join(" "));
    }
  }
}

new MutationObserver((changes) => {
  const made = changes.flatMap(({ addedNodes }) => [...addedNodes]).filter((node) => node.matches?.(".select2-container"));
  for (const box of made) nameChoices(box.parentNode);
}).observe(document.body, { childList: true, subtree: true });
nameChoices(document); // those that were made before
document.addEventListener("focusin", ({ target }) => { // the box that opens below
  if (target.matches(".select2-search__field:not([aria-label])")) target.setAttribute("aria-label", "Search");
});
