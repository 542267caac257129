// The form of a reference: the fields that its type of work has, and boxes for each person. What is sent stays the text
// that one types without scripts.

const type = document.getElementById("id_type");

function show() {
  for (const field of document.querySelectorAll("[data-types]")) {
    const box = field.closest(".fieldBox") ?? field.closest(".form-row");
    const fits = !type?.value || field.dataset.types.split(" ").includes(type.value);
    if (box) box.hidden = !fits && !field.value.trim() && !box.querySelector(".errorlist");
  }
  for (const row of document.querySelectorAll(".form-row:has(.fieldBox)")) {
    row.hidden = [...row.querySelectorAll(".fieldBox")].every((box) => box.hidden);
  }
}

const quoted = (body) => (body.includes(",") || body.startsWith('"') ? `"${body.replaceAll('"', '""')}"` : body);
const unquoted = (line) => (line.startsWith('"') ? line.replace(/^"|"$/g, "").replaceAll('""', '"') : line);

function input(label, value, person) {
  const made = document.createElement("input");
  made.type = "text";
  made.className = "vTextField";
  made.value = value;
  made.setAttribute("aria-label", `${label} of person ${person}`);
  made.placeholder = label;
  return made;
}

function people(area) {
  const rows = document.createElement("div");
  rows.className = "people";
  rows.setAttribute("role", "group");
  rows.setAttribute("aria-label", document.querySelector(`label[for="${area.id}"]`)?.textContent.replace(":", "") ?? "People");
  const write = () => {
    const lines = [...rows.querySelectorAll(".person")].map((row) => {
      const [family, given, suffix, body] = [...row.querySelectorAll("input")].map((each) => each.value.trim());
      if (body) return quoted(body);
      if (!family && !given) return "";
      return [family, given, ...(suffix ? [suffix] : [])].join(", ").trimEnd();
    });
    area.value = lines.filter(Boolean).join("\n");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const add = (line = "") => {
    const row = document.createElement("div");
    const number = rows.querySelectorAll(".person").length + 1;
    row.className = "person";
    const isBody = line && (line.startsWith('"') || !line.includes(","));
    const [family = "", given = "", suffix = ""] = isBody ? [] : line.split(",").map((part) => part.trim());
    const or = document.createElement("span");
    or.textContent = "or";
    const away = document.createElement("button");
    away.type = "button";
    away.className = "comment-here";
    away.textContent = "Remove";
    away.setAttribute("aria-label", `Remove person ${number}`);
    away.addEventListener("click", () => { row.remove(); write(); more.focus(); });
    row.append(input("Family name", family, number), input("Given names", given, number), input("Suffix", suffix, number), or,
      input("A body", isBody ? unquoted(line) : "", number), away);
    more.before(row);
    return row;
  };
  const more = document.createElement("button");
  more.type = "button";
  more.className = "comment-here";
  more.textContent = "Add another";
  more.addEventListener("click", () => add().querySelector("input").focus());
  rows.append(more);
  const draw = () => {
    rows.querySelectorAll(".person").forEach((row) => row.remove());
    for (const line of area.value.split("\n").map((each) => each.trim()).filter(Boolean)) add(line);
    if (!rows.querySelector(".person")) add();
  };
  rows.addEventListener("input", (event) => { if (event.target !== area) write(); });
  area.after(rows);
  area.hidden = true;
  const help = document.getElementById(`${area.id}_helptext`);
  if (help) help.textContent = "In the order in which the work names them.";
  draw();
  let seen = area.value;
  setInterval(() => { // text that was put back from what the browser kept
    if (area.value !== seen && !rows.contains(document.activeElement)) draw();
    seen = area.value;
  }, 500);
}

type?.addEventListener("change", show);
document.querySelectorAll("textarea[data-people]").forEach(people);
show();
