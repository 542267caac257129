// Rows of a form that are closed: opened when a link leads to one, when a new one is added, or when all are wanted. Their order is
// changed by buttons, or by dragging one by its line; without scripts one types positions. A new row gets the next position and code.

function openAt(hash) {
  const place = hash.length > 1 && document.getElementById(decodeURIComponent(hash.slice(1)));
  if (!place) return;
  const row = place.closest("details") ?? place.querySelector(":scope > details");
  if (row) row.open = true;
  place.scrollIntoView();
}

addEventListener("hashchange", () => openAt(location.hash));
addEventListener("load", () => openAt(location.hash));

for (const group of document.querySelectorAll(".rows")) {
  const button = document.createElement("button");
  const rows = () => [...group.querySelectorAll(".has_original > details")];
  if (rows().length < 2) continue;
  button.type = "button";
  button.className = "button all";
  const name = group.querySelector("h2").textContent.trim().toLowerCase();
  const say = () => { button.textContent = rows().every((row) => row.open) ? `Close all ${name}` : `Open all ${name}`; };
  button.addEventListener("click", () => {
    const open = !rows().every((row) => row.open);
    for (const row of rows()) row.open = open;
    say();
  });
  say();
  group.querySelector("h2").after(button);
}

const rowsOf = (group) => [...group.querySelectorAll(":scope > fieldset > .inline-related:not(.empty-form)")];
const boxOf = (row, name) => row.querySelector(`[name$="-${name}"]`);
const isSaved = (row) => row.classList.contains("has_original");
const nameOf = (row) => row.querySelector("summary").textContent.trim().replace(/\s+/g, " ");

function tell(box, value) {
  if (box.value === String(value)) return;
  box.value = value;
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

// Rows that were saved change places among themselves: Django counts on new ones coming after them. They keep the numbers under
// which they are sent; only positions are written anew.
function move(group, row, before) {
  const [after] = rowsOf(group).filter((each) => !isSaved(each));
  (before ?? after ?? group.querySelector(":scope > fieldset > .empty-form")).before(row);
  rowsOf(group).forEach((each, place) => tell(boxOf(each, "position"), place));
  const all = rowsOf(group).filter(isSaved);
  said.textContent = `${nameOf(row)}: now ${all.indexOf(row) + 1} of ${all.length}.`;
}

function mover(group, row, label, by) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "comment-here";
  made.textContent = label;
  made.setAttribute("aria-label", `${label}: ${nameOf(row)}`);
  made.addEventListener("click", () => {
    const all = rowsOf(group).filter(isSaved);
    const to = all.indexOf(row) + by;
    if (to < 0 || to >= all.length) return;
    move(group, row, by < 0 ? all[to] : all[to + 1]);
    made.focus();
  });
  return made;
}

function makeMovable(group, row) {
  row.querySelector(".row-tools")?.prepend(mover(group, row, "Move up", -1), mover(group, row, "Move down", 1));
  row.querySelector(".field-position")?.setAttribute("hidden", "");
  const line = row.querySelector("summary");
  line.draggable = true;
  line.addEventListener("dragstart", () => { group.dragged = row; });
  line.addEventListener("dragend", () => { delete group.dragged; });
  row.addEventListener("dragover", (event) => { if (group.dragged) event.preventDefault(); });
  row.addEventListener("drop", (event) => {
    if (!group.dragged || group.dragged === row || !isSaved(row)) return;
    event.preventDefault();
    const all = rowsOf(group).filter(isSaved);
    const below = all.indexOf(group.dragged) < all.indexOf(row);
    move(group, group.dragged, below ? all[all.indexOf(row) + 1] : row);
  });
}

function nextCode(group) {
  const codes = rowsOf(group).map((row) => /^(.*?)(\d+)$/.exec(boxOf(row, "code")?.value ?? "")).filter(Boolean);
  const start = codes.at(-1)?.[1];
  const numbers = codes.filter((each) => each[1] === start).map((each) => Number(each[2]));
  return numbers.length ? `${start}${Math.max(...numbers) + 1}` : "";
}

const said = document.createElement("p");
said.className = "visually-hidden";
said.setAttribute("role", "status");
document.querySelector("main").append(said);

for (const group of document.querySelectorAll(".rows")) {
  if (!group.querySelector('[name$="-position"]')) continue;
  for (const row of rowsOf(group).filter(isSaved)) makeMovable(group, row);
}

document.addEventListener("formset:added", ({ target: row }) => {
  const group = row.closest?.(".rows");
  if (!group) return;
  if (boxOf(row, "code") && !boxOf(row, "code").value) tell(boxOf(row, "code"), nextCode(group));
  if (!boxOf(row, "position")) return;
  const others = rowsOf(group).filter((each) => each !== row).map((each) => Number(boxOf(each, "position").value));
  tell(boxOf(row, "position"), Math.max(-1, ...others) + 1);
  row.querySelector(".field-position")?.setAttribute("hidden", "");
});
