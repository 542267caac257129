// Keys for screening. Everything they do is a button on the page; without this script the page works as well.
// Keys can be changed or switched off (WCAG 2.1.4), and this browser remembers the choice.
const USUAL = { include: "i", exclude: "e", maybe: "m", undo: "u", help: "?" };
const PLACE = "screening-keys";
const panel = document.getElementById("keys");
const said = document.getElementById("keys-said");
const on = document.getElementById("keys-on");

function remembered() {
  try {
    const kept = JSON.parse(localStorage.getItem(PLACE)) || {};
    return { on: kept.on !== false, keys: { ...USUAL, ...kept.keys } };
  } catch {
    return { on: true, keys: { ...USUAL } };
  }
}

let chosen = remembered();
let excluding = false;
let sent = false;

function remember() {
  try {
    localStorage.setItem(PLACE, JSON.stringify(chosen));
  } catch {
    // a browser that keeps nothing still works until the page is left
  }
}

function show() {
  for (const mark of document.querySelectorAll("kbd[data-key-of]")) {
    mark.textContent = chosen.keys[mark.dataset.keyOf];
    mark.hidden = !chosen.on;
  }
  for (const mark of document.querySelectorAll("kbd[data-digit]")) mark.hidden = !chosen.on;
  for (const box of document.querySelectorAll("[data-remaps]")) box.value = chosen.keys[box.dataset.remaps];
  on.checked = chosen.on;
}

function press(button) {
  if (button && !sent) button.click();
}

function act(code) {
  if (code === "help") {
    panel.open = !panel.open;
    if (panel.open) panel.querySelector("summary").focus();
  } else if (code === "exclude") {
    excluding = true;
    document.getElementById("exclude")?.focus();
    document.querySelector(".reasons")?.classList.add("chosen");
  } else {
    press(document.querySelector(`[data-does="${code}"]`));
  }
}

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (!chosen.on || typing || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
  if (excluding && /^[1-9]$/.test(event.key)) {
    event.preventDefault();
    press(document.querySelector(`[data-reason="${event.key}"]`));
    return;
  }
  const code = Object.keys(chosen.keys).find((each) => chosen.keys[each] === event.key.toLowerCase());
  excluding = false;
  document.querySelector(".reasons")?.classList.remove("chosen");
  if (code) {
    event.preventDefault();
    act(code);
  }
});

// one vote a page: a second click or key finds the form already sent
document.addEventListener("submit", (event) => {
  if (sent) event.preventDefault();
  sent = true;
});
addEventListener("pageshow", () => {
  sent = false;
});

on.addEventListener("change", () => {
  chosen.on = on.checked;
  said.textContent = chosen.on ? "Shortcuts are on." : "Shortcuts are off.";
  remember();
  show();
});

for (const box of document.querySelectorAll("[data-remaps]")) {
  box.addEventListener("change", () => {
    const key = box.value.trim().toLowerCase();
    const taken = Object.entries(chosen.keys).some(([code, each]) => each === key && code !== box.dataset.remaps);
    if (!key || taken || /^[1-9]$/.test(key)) {
      said.textContent = key ? `“${key}” is used already: choose another key.` : "Choose a key.";
    } else {
      chosen.keys[box.dataset.remaps] = key;
      said.textContent = `“${key}” is set.`;
      remember();
    }
    show();
  });
}

document.getElementById("keys-reset").addEventListener("click", () => {
  chosen = { on: true, keys: { ...USUAL } };
  said.textContent = "The usual keys are set.";
  remember();
  show();
});

panel.hidden = false;
show();
