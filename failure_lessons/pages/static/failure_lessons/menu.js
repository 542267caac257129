/* The open menu keeps the keyboard: Tab goes round inside it, and closing it returns to the button that opened it. */
(() => {
  "use strict";
  const panel = document.getElementById("sections");
  const opener = document.querySelector(".masthead .menu");
  if (!panel || !opener || !panel.showPopover) return;
  const stops = () => [...panel.querySelectorAll("a, button")].filter((each) => each.offsetParent !== null);
  panel.addEventListener("keydown", (event) => {
    if (event.key !== "Tab" || !panel.matches(":popover-open")) return;
    const all = stops();
    const [edge, other] = event.shiftKey ? [all[0], all.at(-1)] : [all.at(-1), all[0]];
    if (document.activeElement !== edge) return;
    event.preventDefault();
    other.focus();
  });
  panel.addEventListener("toggle", (event) => {
    if (event.newState === "open") stops()[0].focus();
    else if (opener.offsetParent !== null) opener.focus();
  });
})();
