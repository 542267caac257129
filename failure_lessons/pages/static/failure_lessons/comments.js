// A comment on the row or the words before one's eyes: the form of the comment is filled in. Without scripts one chooses them there.

const panel = document.getElementById("add-comment");
const place = document.getElementById("comment-place");
const words = document.getElementById("comment-words");
const text = document.getElementById("comment-text");
const has = (value) => [...place.options].some((option) => option.value === value);

function begin(where, said) {
  panel.open = true;
  place.value = where;
  words.value = said;
  text.focus();
  panel.scrollIntoView({ block: "center" });
}

function button(label, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "comment-here";
  made.textContent = label;
  made.addEventListener("click", act);
  return made;
}

// which place of the comment's form something stands in: a row that was saved, or a field of the record
function placeOf(element) {
  const row = element.closest(".inline-related.has_original, tr.has_original");
  const group = element.closest(".inline-group");
  if (row && group) {
    const part = group.id.replace(/-group$/, "");
    const number = row.querySelector(`input[type=hidden][name^="${part}-"][name$="-id"]`)?.value;
    return has(`${part}:${number}`) ? `${part}:${number}` : part;
  }
  const field = element.closest(".form-row, .fieldBox")?.className.match(/(?:^|\s)field-([a-z0-9_]+)/)?.[1];
  return group ? "" : field ?? "";
}

if (panel) {
  for (const row of document.querySelectorAll(".inline-related.has_original > details")) {
    const where = placeOf(row);
    if (!where.includes(":")) continue;
    const name = row.querySelector("summary").textContent.trim();
    const made = button("Comment", () => begin(where, ""));
    made.setAttribute("aria-label", `Comment on ${name}`);
    row.querySelector(".row-tools")?.append(made);
  }
  const counts = new Map();
  for (const remark of document.querySelectorAll(".remark[data-place]")) {
    counts.set(remark.dataset.place, (counts.get(remark.dataset.place) ?? 0) + 1);
  }
  for (const [where, number] of counts) {
    const summary = where && document.querySelector(`${CSS.escape(where).replace("\\#", "#")}.inline-related > details > summary`);
    if (!summary) continue;
    const mark = document.createElement("span");
    mark.className = "row-comments";
    mark.textContent = number === 1 ? "1 comment" : `${number} comments`;
    summary.append(mark);
  }

  let offer = null;
  document.addEventListener("selectionchange", () => {
    const area = document.activeElement;
    const typed = area?.matches("textarea, input[type=text]") && area.closest("#content-main form")?.id.endsWith("_form");
    const chosen = document.getSelection();
    const shown = !typed && chosen?.anchorNode?.parentElement?.closest(".readonly");
    const said = (typed ? area.value.slice(area.selectionStart, area.selectionEnd) : shown ? String(chosen) : "").trim();
    if (offer?.matches(":focus, :active")) return;
    offer?.remove();
    offer = null;
    const beside = typed ? area : shown;
    const where = said && said.length <= words.maxLength ? placeOf(beside) : "";
    if (!where || !has(where)) return;
    offer = button("Comment on these words", () => { begin(where, said); offer.remove(); });
    beside.after(offer);
  });
}
