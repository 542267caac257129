/* Says that something is being done, and for how long, so that nobody presses a button twice. Pages work without it. */
for (const form of document.querySelectorAll("form[data-working]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    const said = form.querySelector("[role=status]");
    const long = !event.submitter || event.submitter.name !== "_go";
    if (!said || !long) return;
    const started = Date.now();
    said.textContent = form.dataset.working;
    const bar = document.createElement("progress");
    bar.setAttribute("aria-label", "Working");
    const seconds = document.createElement("span");
    seconds.setAttribute("aria-hidden", "true");
    said.after(bar, seconds);
    setInterval(() => { seconds.textContent = ` ${Math.round((Date.now() - started) / 1000)} s`; }, 1000);
  });
}
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));
