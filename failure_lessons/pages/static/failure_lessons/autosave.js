// Keeps what one types into a form in this browser, so that a lost connection or an expired session loses nothing.
// A draft belongs to a person, an address and the version of the record the form was opened at. Restoring one puts that
// version back too: if somebody saved meanwhile, the server shows both before anything is overwritten.

const PREFIX = "failure-lessons-draft:";
const DAYS = 14;
const EVERY = 3000;
const who = document.querySelector("script[data-account]")?.dataset.account; // never a name: two people may share one
const key = `${PREFIX}${who}:${location.pathname}`;
const form = document.querySelector("body.change-form #content-main > form[method=post]");
const now = () => Date.now();

function drafts() {
  try { return Object.keys(localStorage).filter((name) => name.startsWith(PREFIX)); } catch { return []; }
}

function kept(name) {
  try { return JSON.parse(localStorage.getItem(name)); } catch { return null; }
}

function fields() {
  const found = {};
  for (const field of form.elements) {
    if (!field.name || ["csrfmiddlewaretoken", "_version"].includes(field.name) || field.name.includes("__prefix__")) continue;
    if (["submit", "button", "file", "password", "search"].includes(field.type)) continue;
    found[field.name] ??= [];
    if (field.tagName === "SELECT") found[field.name].push(...[...field.selectedOptions].map((option) => [option.value, option.text]));
    else if (["checkbox", "radio"].includes(field.type)) { if (field.checked) found[field.name].push([field.value]); }
    else found[field.name].push([field.value]);
  }
  return found;
}

const plain = (values) => JSON.stringify((values ?? []).map(([value]) => value.replace(/\s+/g, " ").trim()).filter(Boolean));
const differing = (one, other) =>
  [...new Set([...Object.keys(one), ...Object.keys(other)])].filter((name) => plain(one[name]) !== plain(other[name]));
const version = () => form.elements._version?.value ?? "";

function addRows(wanted) {
  for (const [name, [[total]]] of Object.entries(wanted).filter(([name]) => name.endsWith("-TOTAL_FORMS"))) {
    const prefix = name.slice(0, -"-TOTAL_FORMS".length);
    const link = document.querySelector(`#${prefix}-group .add-row a`);
    for (let count = Number(form.elements[name]?.value); link && count < Number(total); count += 1) link.click();
  }
}

function restore(draft) {
  addRows(draft.fields);
  for (const [name, values] of Object.entries(draft.fields)) {
    if (/-(TOTAL|INITIAL|MIN_NUM|MAX_NUM)_FORMS$/.test(name)) continue;
    for (const field of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
      const wanted = values.map(([value]) => value);
      if (field.tagName === "SELECT") {
        for (const [value, label] of values) {
          if (![...field.options].some((option) => option.value === value)) field.add(new Option(label, value));
        }
        for (const option of field.options) option.selected = wanted.includes(option.value);
        window.django?.jQuery?.(field).trigger("change");
      } else if (["checkbox", "radio"].includes(field.type)) field.checked = wanted.includes(field.value);
      else field.value = wanted[0] ?? "";
    }
  }
  if (form.elements._version) form.elements._version.value = draft.version;
}

function told(draft, changed) {
  const ids = (all) => JSON.stringify(
    Object.entries(all)
      .filter(([name, [first] = []]) => /-\d+-id$/.test(name) && first?.[0])
      .map(([name, [[value]]]) => [name, value]),
  );
  const fits = ids(draft.fields) === ids(fields());
  const panel = document.createElement("section");
  panel.className = "module desk recovered";
  panel.setAttribute("aria-labelledby", "recovered");
  const when = new Date(draft.at).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
  const later = draft.version !== version();
  panel.innerHTML = '<h2 id="recovered">Text you had not saved</h2><p role="status"></p><p class="ways"></p>';
  panel.querySelector("[role=status]").textContent =
    `This browser kept ${changed.length} field${changed.length === 1 ? "" : "s"} that you changed, last at ${when}.` +
    (later ? " The record was saved since then. If you restore your text and save, you will first be shown what others saved." : "") +
    (fits ? "" : " Its rows are no longer the same, so it can be read and copied here, but not put back.");
  const ways = panel.querySelector(".ways");
  const way = (label, act) => {
    const made = Object.assign(document.createElement("button"), { type: "button", className: "button", textContent: label });
    made.addEventListener("click", act);
    ways.append(made, " ");
  };
  if (fits) way("Restore my text", () => { restore(draft); panel.remove(); keep(); });
  else way("Show my text", () => {
    const list = document.createElement("dl");
    for (const name of changed) {
      const value = (draft.fields[name] ?? []).map((each) => each.at(-1)).join(", ");
      if (!value || /_FORMS$|-id$/.test(name)) continue;
      list.append(
        Object.assign(document.createElement("dt"), { textContent: name }),
        Object.assign(document.createElement("dd"), { textContent: value }),
      );
    }
    panel.append(list);
  });
  way("Discard it", () => { localStorage.removeItem(key); panel.remove(); waiting = false; });
  form.before(panel);
}

let opened;
let last = "";
let waiting = false; // a draft is offered and not yet decided on: it is not written over

function keep() {
  waiting = false;
  const all = fields();
  if (!differing(opened, all).length) return;
  const text = JSON.stringify(all);
  if (text === last) return;
  last = text;
  try {
    localStorage.setItem(key, JSON.stringify({ at: now(), version: version(), fields: all }));
    status.textContent = `Kept in this browser at ${new Date().toLocaleTimeString("en-GB", { timeStyle: "short" })}. Not saved yet.`;
  } catch {
    status.textContent = "This browser has no room to keep unsaved text: save often.";
  }
}

const status = document.createElement("p");

if (who) {
  for (const name of drafts()) if ((kept(name)?.at ?? 0) < now() - DAYS * 86_400_000) localStorage.removeItem(name);
  const sent = sessionStorage.getItem(PREFIX);
  if (sent && document.querySelector(".messagelist .success")) localStorage.removeItem(sent);
  sessionStorage.removeItem(PREFIX);
  document.querySelector("#logout-form")?.addEventListener("submit", () => {
    for (const name of drafts()) if (name.startsWith(`${PREFIX}${who}:`)) localStorage.removeItem(name);
  });
}

if (who && form) {
  addEventListener("load", () => setTimeout(() => {
    opened = fields();
    status.className = "quiet kept";
    form.querySelector(".submit-row:last-of-type")?.before(status);
    const draft = kept(key);
    const cameBack = document.querySelector(".errornote"); // refused: the form holds what was typed
    const changed = draft && !cameBack ? differing(draft.fields, opened) : [];
    if (draft && !cameBack && !changed.length) localStorage.removeItem(key);
    if (changed.length) { waiting = true; told(draft, changed); }
    if (cameBack) opened = {};
    setInterval(() => { if (!waiting) keep(); }, EVERY);
    addEventListener("pagehide", () => { if (!waiting && !leaving) keep(); });
  }, 0));
  let leaving = false;
  form.addEventListener("submit", () => { if (opened && !waiting) keep(); leaving = true; sessionStorage.setItem(PREFIX, key); });
}
