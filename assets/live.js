// Explanations of terms, placed beside their word and inside the window, closed by Escape; and the
// countdown of the seconds that other work still takes.
(() => {
  const GAP = 6; // px between a word and its explanation, and to the edges of the window
  const OPEN = ".dx-term:is(:hover, :focus)";

  const place = (term) => {
    const note = term.lastElementChild;
    const zoom = note.currentCSSZoom ?? 1; // large type zooms the page
    const word = term.getClientRects()[0], box = note.getBoundingClientRect();
    if (!word || !box.width) return;
    const left = Math.min(word.left, innerWidth - box.width - GAP);
    const below = word.bottom + GAP;
    const top = below + box.height > innerHeight ? word.top - box.height - GAP : below;
    note.style.left = `${Math.max(GAP, left) / zoom}px`;
    note.style.top = `${Math.max(GAP, top) / zoom}px`;
  };
  const open = ({ target }) => {
    const term = target.closest?.(".dx-term");
    if (!term || term.lastElementChild.contains(target)) return;
    term.lastElementChild.hidden = false;
    place(term);
  };
  document.addEventListener("mouseover", open);
  document.addEventListener("focusin", open);
  document.addEventListener("scroll", () => document.querySelectorAll(OPEN).forEach(place), { capture: true, passive: true });
  document.addEventListener("keydown", ({ key }) => {
    if (key === "Escape") for (const term of document.querySelectorAll(OPEN)) term.lastElementChild.hidden = true;
  });

  setInterval(() => {
    for (const left of document.querySelectorAll(".dx-left")) {
      left.began ??= Date.now();
      const seconds = Math.round(left.dataset.seconds - (Date.now() - left.began) / 1000);
      left.textContent = seconds > 0 ? `about ${seconds} s are left` : "about to end";
    }
  }, 1000);
})();
