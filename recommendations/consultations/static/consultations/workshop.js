// Looks at the wall every few seconds and shows the page anew when it has changed; mostly the answer is a 304 of no bytes.
"use strict";

const watched = document.querySelector("[data-wall]");
if (watched) {
  const { wall, version, pause } = watched.dataset;
  const form = watched.querySelector("form");
  let hasUnsent = false;
  form?.addEventListener("change", () => { hasUnsent = true; });

  const look = async () => {
    try {
      const answer = await fetch(wall, { headers: { "If-None-Match": `"${version}"` }, cache: "no-store" });
      if (answer.status === 200 && !hasUnsent) return location.reload();
      if (answer.status === 200) watched.querySelector("[data-news]").hidden = false;
    } catch {
      // no network in the room: the next look may find it again
    }
    setTimeout(look, pause * 1000);
  };
  setTimeout(look, pause * 1000);
}
