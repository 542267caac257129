// A form of the workbench is ready to be written in: the focus is on what has to be corrected, or, where something new is
// added, on the first field. Where something is opened to be read or changed it stays at the top of the page.

const toCorrect = document.querySelector(".what-to-correct");
const isNew = document.body.classList.contains("change-form") && location.pathname.endsWith("/add/");
const firstField = [...document.querySelectorAll("#content-main form :is(input, select, textarea)")].find(
  (field) => field.offsetParent && !field.disabled && !["submit", "button", "hidden", "image"].includes(field.type),
);

if (toCorrect) toCorrect.focus();
else if (isNew && document.activeElement === document.body) firstField?.focus();
