/* My brief stays: with scripts it is kept in this browser's own storage, so that Back, other tabs, bookmarks and links
   lose nothing, and adding leaves the reader where she is. Without scripts the address carries it (TakeBrief). */
(() => {
  "use strict";
  const KEY = "failure-lessons-brief";
  const EDITING = "failure-lessons-brief-editing";
  const MOST = 30;
  const KEPT = "Kept in this browser: it is here when you come back.";
  const status = document.querySelector("[data-brief-status]");
  if (!status) return;
  const home = status.dataset.briefHome;

  const readStored = () => {
    try { return new URLSearchParams(localStorage.getItem(KEY) || ""); } catch { return null; }
  };
  if (readStored() === null) return; // storage is forbidden here: the address goes on carrying the brief
  const store = (brief) => {
    try { localStorage.setItem(KEY, brief.toString()); return true; } catch { return false; }
  };
  const picks = (brief) => brief.getAll("r");
  const recordOf = (pick) => pick.replace(/\.[0-9]+$/, "");
  const holds = (brief, pick) => picks(brief).some((each) => recordOf(each) === recordOf(pick));
  const addressOf = (brief) => (brief.toString() ? `${home}?${brief}` : home);
  const count = (brief) => `${picks(brief).length} record${picks(brief).length === 1 ? "" : "s"}`;
  const alike = (one, other) => ["title", "note"].every((name) => (one.get(name) || "") === (other.get(name) || ""))
    && picks(one).join() === picks(other).join();

  const makeLink = (words, address) => Object.assign(document.createElement("a"), { textContent: words, href: address });
  const makeButton = (words, act) => {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: words, className: "move" });
    button.addEventListener("click", act);
    return button;
  };

  /* What a page that came with a brief in its address brings along goes into storage, once. */
  const takeCarried = () => {
    const bar = document.querySelector("aside.carried[data-brief]");
    if (!bar) return;
    const brief = readStored();
    const carried = new URLSearchParams(bar.dataset.brief);
    for (const name of ["title", "note"]) if (carried.get(name) && !brief.get(name)) brief.set(name, carried.get(name));
    for (const pick of picks(carried)) if (!holds(brief, pick) && picks(brief).length < MOST) brief.append("r", pick);
    if (!store(brief)) return;
    const clean = (address) => {
      const url = new URL(address, location.href);
      url.searchParams.delete("brief");
      return url;
    };
    history.replaceState(history.state, "", clean(location.href));
    for (const link of document.querySelectorAll("a[href*='brief=']")) link.href = clean(link.href);
    for (const field of document.querySelectorAll("input[type=hidden][name=brief]")) field.remove();
    bar.remove();
  };

  const showState = (place, brief) => {
    const held = holds(brief, place.dataset.pick);
    let told = place.querySelector(".held");
    place.querySelector("a[data-add]").hidden = held;
    if (!held) return told && told.remove();
    if (!told) {
      told = Object.assign(document.createElement("span"), { className: "held" });
      place.append(told);
    }
    told.replaceChildren("In my brief. ", makeLink(`Open my brief (${picks(brief).length})`, addressOf(brief)), " ",
      makeButton("Remove", () => {
        const rest = readStored();
        const left = picks(rest).filter((pick) => recordOf(pick) !== recordOf(place.dataset.pick));
        rest.delete("r");
        for (const pick of left) rest.append("r", pick);
        store(rest);
        showAll();
        status.textContent = `Removed. My brief holds ${count(rest)}.`;
        place.querySelector("a[data-add]").focus();
      }));
  };

  const showAll = () => {
    const brief = readStored();
    for (const link of document.querySelectorAll("a[data-brief-link]")) {
      link.href = addressOf(brief);
      link.querySelector("[data-brief-count]").textContent = picks(brief).length ? ` (${picks(brief).length})` : "";
    }
    for (const place of document.querySelectorAll(".add[data-pick]")) showState(place, brief);
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest("a[data-add]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    const place = link.closest(".add");
    const brief = readStored();
    if (picks(brief).length >= MOST) {
      event.preventDefault();
      status.textContent = `A brief holds at most ${MOST} records. Remove one first.`;
      return place.append(Object.assign(document.createElement("span"), { className: "held", textContent: status.textContent }));
    }
    brief.append("r", place.dataset.pick);
    if (!store(brief)) return; // full: the link does it without scripts
    event.preventDefault();
    showAll();
    status.textContent = `Added. My brief holds ${count(brief)}.`;
    const open = place.querySelector(".held a");
    if (open) open.focus();
  });

  /* The brief's own page: whose brief is it, and what of mine is not in it? */
  const offerMine = () => {
    const page = document.querySelector("[data-brief-page]");
    if (!page) return;
    const shown = new URLSearchParams(page.dataset.briefPage);
    const mine = readStored();
    let editing = false;
    try {
      editing = sessionStorage.getItem(EDITING) === "1";
      sessionStorage.removeItem(EDITING);
    } catch { /* then nothing is being edited */ }
    if (editing) store(shown);
    const own = editing || alike(shown, mine);
    for (const form of document.querySelectorAll("details.edit form")) {
      form.addEventListener("submit", () => { if (own) try { sessionStorage.setItem(EDITING, "1"); } catch { /* as above */ } });
    }
    for (const link of document.querySelectorAll("a[data-brief-new]")) link.addEventListener("click", () => store(new URLSearchParams()));
    const words = document.createElement("p");
    const keep = () => { store(shown); words.textContent = KEPT; showAll(); status.textContent = "Kept in this browser."; };
    if (!picks(shown).length && !picks(mine).length) {
      words.append("This browser keeps no brief of yours yet.");
    } else if (own) {
      words.append(KEPT);
    } else if (!picks(shown).length) {
      words.append(`This browser keeps a brief with ${count(mine)}. `, makeLink("Open it", addressOf(mine)));
    } else if (!picks(mine).length) {
      words.append("This brief was opened from an address. ", makeButton("Keep it in this browser", keep));
    } else {
      words.append(`This is another brief than your own, which has ${count(mine)}. `, makeLink("Open mine", addressOf(mine)), " ",
        makeButton("Add these to mine", () => {
          for (const pick of picks(shown)) if (!holds(mine, pick) && picks(mine).length < MOST) mine.append("r", pick);
          store(mine);
          location.assign(addressOf(mine));
        }), " ", makeButton("Keep this one instead", keep));
    }
    page.replaceChildren(words);
    page.hidden = false;
  };

  takeCarried();
  offerMine();
  showAll();
  addEventListener("pageshow", showAll);
  addEventListener("storage", (event) => { if (event.key === KEY) showAll(); });
  document.addEventListener("htmx:afterSettle", showAll);
})();
