// The words of an explained text: pressed, they are changed; the arrow keys go from word to word.
const WORD = ".wx-w, .wx-cell[data-word]";
const pick = (word) => {
  const question = word && word.closest("[data-question]");
  if (question) trigger("pick", { word: word.dataset.word, question: question.dataset.question });
};
const middle = (word) => {
  const box = word.getBoundingClientRect();
  return { x: (box.left + box.right) / 2, y: (box.top + box.bottom) / 2, half: box.height / 2 };
};
// The word of the next line, up (-1) or down (1), that is nearest to the middle of this one.
const beyond = (word, all, step) => {
  const from = middle(word);
  const away = all
    .map((other) => ({ other, ...middle(other) }))
    .filter(({ y }) => step * (y - from.y) > from.half);
  const line = step * Math.min(...away.map(({ y }) => step * y));
  return away
    .filter(({ y }) => Math.abs(y - line) < from.half)
    .sort((a, b) => Math.abs(a.x - from.x) - Math.abs(b.x - from.x))[0]?.other;
};
element.addEventListener("click", (event) => pick(event.target.closest("[data-word]")));
element.addEventListener("focusin", (event) => {
  const word = event.target.closest(WORD);
  if (!word) return;
  word.closest("[role=group]").querySelectorAll(WORD).forEach((other) => (other.tabIndex = -1));
  word.tabIndex = 0;
});
element.addEventListener("keydown", (event) => {
  const word = event.target.closest(WORD);
  if (!word || event.altKey || event.ctrlKey || event.metaKey) return;
  const all = [...word.closest("[role=group]").querySelectorAll(WORD)];
  const at = all.indexOf(word);
  const targets = {
    ArrowRight: () => all[at + 1],
    ArrowLeft: () => all[at - 1],
    ArrowDown: () => beyond(word, all, 1),
    ArrowUp: () => beyond(word, all, -1),
    Home: () => all[0],
    End: () => all[all.length - 1],
  };
  if (event.key === "Enter" || event.key === " ") pick(word.closest("[data-word]"));
  else if (targets[event.key]) targets[event.key]()?.focus();
  else return;
  event.preventDefault();
});
