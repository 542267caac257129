// Rows of a form that are closed: opened when a link leads to one, when a new one is added, or when all are wanted.

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
