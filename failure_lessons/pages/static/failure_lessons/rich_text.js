// A toolbar over each narrative (textarea[data-rich]); over each box of sources (textarea[data-sources]) a way to find a
// reference. What is stored stays Markdown; without scripts one types it.
// Every change goes through `put`, so that the browser's own undo takes it back.

const MARKS = {
  bold: ["Bold", (text) => `**${text || "bold"}**`],
  italic: ["Italic", (text) => `*${text || "italic"}*`],
  heading: ["Heading", (text) => lines(text || "Heading", "### ")],
  list: ["List", (text) => lines(text || "Item", "- ")],
  table: ["Table", () => "\n\nTable: What it shows\n\n| Heading | Heading |\n| --- | --- |\n| Cell | Cell |\n\n"],
  link: ["Link", (text) => `[${text || "words"}](https://)`],
};

// the addresses asked, as the page that loads this script names them
const { autocomplete, textPreview, textFromHtml } = document.querySelector("script[data-text-preview]").dataset;

const WIDE = matchMedia("(min-width: 80rem)"); // there a preview has room beside the text

const lines = (text, mark) => text.split("\n").map((line) => (line.startsWith(mark) ? line : mark + line)).join("\n");

function put(area, text) {
  area.focus();
  if (document.execCommand("insertText", false, text)) return;
  area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

async function ask(address, area, fields) {
  const form = area.closest("form");
  const body = new URLSearchParams({ csrfmiddlewaretoken: form.querySelector("[name=csrfmiddlewaretoken]").value, ...fields });
  const answer = await fetch(address, { method: "POST", body, headers: { Accept: "application/json" } });
  if (!answer.ok || answer.redirected) throw new Error("No answer: are you still signed in?");
  return answer.json();
}

function button(label, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = label;
  made.addEventListener("click", act);
  return made;
}

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

// what is put in for a reference that was chosen: within prose, or as a line of a box of sources
function cite(area, key, start, end) {
  if ("sources" in area.dataset) {
    if (!start) start = end = area.value.length; // nobody has put the cursor anywhere: after what is there
    area.setSelectionRange(start, end);
    const line = area.value.slice(area.value.lastIndexOf("\n", start - 1) + 1, start);
    put(area, `${line.trim() && !/[|]\s*$/.test(line) ? "\n" : ""}${key} | `);
    return;
  }
  area.setSelectionRange(start, end);
  put(area, `${area.value.slice(start, end)}${start === end ? "" : " "}[@${key}]`);
  area.setSelectionRange(area.selectionEnd - 1, area.selectionEnd - 1);
}

// A box in which one writes words of a reference: Enter takes the first that was found, the arrow keys go to the others.
// `take` gets the key of the one that was chosen, `leave` is called for Escape.
function finder(area, take, leave) {
  const words = element("input", { type: "search", id: `${area.id}-cite`, autocomplete: "off" });
  const found = element("ul", { className: "found" });
  const said = element("p", { className: "quiet" });
  said.setAttribute("role", "status");
  const label = element("label", { htmlFor: words.id, textContent: "Find a reference by title, author or key" });
  const panel = element("div", { className: "citing" }, label, words, said, found);
  const clear = () => { words.value = said.textContent = ""; found.replaceChildren(); };
  let asked = 0;
  words.addEventListener("input", async () => {
    const mine = ++asked;
    found.replaceChildren(); // what was found for other words is not taken by Enter
    await new Promise((done) => setTimeout(done, 200));
    if (mine !== asked) return;
    if (!words.value.trim()) return clear();
    const query = new URLSearchParams({ term: words.value, app_label: "casestudies", model_name: "quote", field_name: "reference" });
    const answer = await fetch(`${autocomplete}?${query}`).catch(() => null);
    if (mine !== asked) return;
    const results = answer?.ok && !answer.redirected ? (await answer.json()).results : null;
    if (!results) said.textContent = "No answer: are you still signed in?";
    else said.textContent = results.length ? `${results.length} found. Enter takes the first.` : "None found.";
    found.replaceChildren(...(results ?? []).map(({ text }) => {
      const key = /\[([a-z0-9-]+)\]$/.exec(text)?.[1];
      return element("li", {}, button(text, () => { clear(); take(key); }));
    }));
  });
  panel.addEventListener("keydown", (event) => {
    const all = [...found.querySelectorAll("button")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") { clear(); leave(); }
    if (event.key === "Enter" && event.target === words) { event.preventDefault(); all[0]?.click(); }
    if (step && all.length) {
      event.preventDefault();
      (all[all.indexOf(event.target) + step] ?? words).focus();
    }
  });
  return [panel, words];
}

function citing(area, bar) {
  const open = bar.parentNode.querySelector(".citing");
  if (open) { open.remove(); area.focus(); return; }
  const { selectionStart: start, selectionEnd: end } = area;
  const close = () => { panel.remove(); area.focus(); };
  const [panel, words] = finder(area, (key) => { panel.remove(); cite(area, key, start, end); }, close);
  bar.after(panel);
  words.focus();
}

// What readers would see, written by the server; `isNewest` says whether nobody has asked again meanwhile
async function draw(area, shown, isNewest) {
  try {
    const { html, unknown } = area.value.trim()
      ? await ask(textPreview, area, { text: area.value })
      : { html: "<p>Nothing yet.</p>", unknown: [] };
    if (!isNewest()) return;
    shown.innerHTML = html; // made safe on the server, by the code that writes the public page
    const words = `No reference has the key ${unknown.join(", ")}.`;
    if (unknown.length) shown.append(element("p", { className: "errornote", textContent: words }));
  } catch (error) {
    if (isNewest()) shown.textContent = error.message;
  }
}

// A preview that follows what is typed. On a wide screen it stands beside the text, from when one first writes there.
function previewing(area, writing, shown) {
  const toggle = button("Preview", () => open(shown.hidden));
  let asked = 0;
  let wanted = true;
  const refresh = async (wait) => {
    const mine = ++asked;
    await new Promise((done) => setTimeout(done, wait));
    if (mine === asked && !shown.hidden) await draw(area, shown, () => mine === asked);
  };
  const open = (on) => {
    shown.hidden = !on;
    wanted = on;
    writing.classList.toggle("live", on);
    toggle.setAttribute("aria-pressed", String(on));
    if (on) refresh(0);
  };
  toggle.setAttribute("aria-pressed", "false");
  area.addEventListener("input", () => { if (!shown.hidden) refresh(400); });
  area.addEventListener("focus", () => { if (WIDE.matches && shown.hidden && wanted) open(true); });
  return toggle;
}

// What did not come in as it was, said once below the toolbar
function tell(area, notes) {
  const bar = area.closest(".writing")?.parentNode.querySelector(".toolbar");
  bar?.parentNode.querySelector(".pasted-notes")?.remove();
  if (!notes.length) return;
  const said = element("p", { className: "quiet pasted-notes" });
  said.setAttribute("role", "status");
  bar.after(said);
  said.textContent = `Pasted. ${notes.join(" ")}`;
}

async function pasted(event) {
  const area = event.currentTarget;
  const html = event.clipboardData?.getData("text/html");
  if (!html || !/<(p|b|strong|i|em|li|h[1-6]|a|table|span)\b/i.test(html)) return;
  event.preventDefault();
  const plain = event.clipboardData.getData("text/plain");
  try {
    const { markdown, notes } = await ask(textFromHtml, area, { html });
    put(area, markdown);
    tell(area, notes);
  } catch {
    put(area, plain);
  }
}

function equip(area) {
  if (area.dataset.equipped || area.name.includes("__prefix__")) return;
  area.dataset.equipped = "yes";
  const bar = element("div", { className: "toolbar" });
  bar.setAttribute("role", "group");
  bar.setAttribute("aria-label", "Marks for the text below");
  const shown = element("div", { className: "preview", hidden: true });
  shown.setAttribute("role", "region");
  shown.setAttribute("aria-label", "Preview of the text");
  for (const [label, mark] of Object.values(MARKS)) {
    bar.append(button(label, () => put(area, mark(area.value.slice(area.selectionStart, area.selectionEnd)))));
  }
  const writing = element("div", { className: "writing" });
  bar.append(button("Cite", () => citing(area, bar)), previewing(area, writing, shown));
  area.before(bar);
  area.replaceWith(writing);
  writing.append(area, shown);
  area.addEventListener("paste", pasted);
  area.addEventListener("keydown", (event) => {
    const mark = (event.ctrlKey || event.metaKey) && { b: "bold", i: "italic" }[event.key];
    if (!mark) return;
    event.preventDefault();
    put(area, MARKS[mark][1](area.value.slice(area.selectionStart, area.selectionEnd)));
  });
}

function equipSources(area) {
  if (area.dataset.equipped || area.name.includes("__prefix__")) return;
  area.dataset.equipped = "yes";
  const box = element("div", { className: "writing" });
  const take = (key) => { cite(area, key, area.selectionStart, area.selectionEnd); area.focus(); };
  const [panel] = finder(area, take, () => area.focus());
  area.replaceWith(box);
  box.append(panel, area);
}

function equipAll() {
  document.querySelectorAll("textarea[data-rich]").forEach(equip);
  document.querySelectorAll("textarea[data-sources]").forEach(equipSources);
}

equipAll();
document.addEventListener("formset:added", equipAll);
