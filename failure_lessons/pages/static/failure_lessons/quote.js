// Words selected in the kept text go into the form, with the place at which they begin.
// Without this script the words are pasted, and the site finds them.
const kept = document.getElementById("kept");
const form = document.getElementById("quoting");
const letters = (text) => Array.from(text).length; // code points, as the site counts

if (kept && form) {
  let taken = ""; // what this script last put into the form
  document.addEventListener("selectionchange", () => {
    const selection = document.getSelection();
    if (!selection.rangeCount || selection.isCollapsed) return;
    const range = selection.getRangeAt(0);
    if (!kept.contains(range.startContainer) || !kept.contains(range.endContainer)) return;
    const words = range.toString();
    if (!words.trim()) return;
    const before = document.createRange();
    before.setStart(kept, 0);
    before.setEnd(range.startContainer, range.startOffset);
    const lead = words.length - words.trimStart().length;
    form.elements.words.value = taken = words.trim();
    const start = form.querySelector("input[type=hidden][name=start]");
    if (start) start.value = Number(kept.dataset.start) + letters(before.toString()) + letters(words.slice(0, lead));
  });
  form.elements.words.addEventListener("input", () => {
    const start = form.querySelector("input[type=hidden][name=start]");
    if (start && form.elements.words.value !== taken) start.value = ""; // typed by hand: the site looks for it
  });
}
