// What the browser does alone: large type, dark, a link that carries the visible tab's inputs.
// The link holds parameters only; nothing is stored on the server.
window.dx = (() => {
  const url = () => new URL(window.location);
  const fields = (head) => [...document.querySelectorAll(`[id^="${head}-"] textarea, [id^="${head}-"] input[type=text]`)];
  const switches = (head) => [...document.querySelectorAll(`[id^="${head}-"] input[type=radio]`)];
  const boxes = (head) => [...document.querySelectorAll(`[id^="${head}-"]:not([id^="why-"]) input[type=checkbox]`)];
  const keyOf = (field) => field.closest('[id*="-"]').id.split("-").pop();
  const type = (field, value) => {
    const kind = field.tagName === "TEXTAREA" ? HTMLTextAreaElement : HTMLInputElement;
    Object.getOwnPropertyDescriptor(kind.prototype, "value").set.call(field, value);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const soon = (ready, act, tries = 60) => {
    const result = ready();
    if (result) act(result);
    else if (tries) setTimeout(() => soon(ready, act, tries - 1), 50);
  };
  let current = null;
  const ran = new Set();

  const opened = (key) => {
    current = key;
    // The first time a tab with a Compare button is opened, its first example is answered.
    soon(() => document.querySelector(`#${key}-run`), (button) => {
      if (ran.has(key)) return;
      ran.add(key);
      setTimeout(() => button.click(), 150);
    }, 20);
  };
  // The page fills its fields a moment after it draws them: type again until the values stand.
  const settle = (wanted, done, tries = 40, stood = 0) => {
    const other = wanted.filter(([field, value]) => field.value !== value);
    other.forEach(([field, value]) => type(field, value));
    if (stood === 3 || !tries) done();
    else setTimeout(() => settle(wanted, done, tries - 1, other.length ? 0 : stood + 1), 100);
  };
  const large = () => document.body.classList.toggle("dx-large");
  const dark = () => document.body.classList.toggle("dark");
  const link = () => {
    const target = url();
    target.search = "";
    if (current) target.searchParams.set("tab", current);
    const pair = document.querySelector("#pair input:checked");
    if (pair) target.searchParams.set("pair", pair.value);
    const set = (field) => target.searchParams.set(keyOf(field), field.value);
    if (current) [...fields(current), ...switches(current).filter((input) => input.checked)].forEach(set);
    if (current && document.querySelector(`#${current}-run`)) boxes(current).filter((input) => input.checked).forEach((input) => target.searchParams.set(keyOf(input), "on"));
    history.replaceState({}, "", target);
    const button = document.querySelector("#view-link");
    const say = (text) => { button.textContent = text; setTimeout(() => (button.textContent = "Link"), 1500); };
    navigator.clipboard ? navigator.clipboard.writeText(target.href).then(() => say("Copied"), () => say("In the address")) : say("In the address");
  };
  const restore = () => {
    const wanted = url().searchParams;
    const key = wanted.get("tab");
    if (wanted.get("large")) large();
    if (!key || !/^[a-z_]+$/.test(key)) return;
    const pair = wanted.get("pair");
    soon(() => document.querySelector(`#tab-${key}-button`), (tab) => {
      ran.add(key);
      tab.click();
      if (pair && /^[a-z]+$/.test(pair)) document.querySelector(`#pair input[value=${pair}]`)?.click();
      soon(() => fields(key).length && fields(key), (inputs) => {
        const values = inputs.map((field) => [field, wanted.get(keyOf(field))]);
        const run = () => {
          switches(key).filter((input) => input.value === wanted.get(keyOf(input))).forEach((input) => input.click());
          boxes(key).filter((input) => wanted.get(keyOf(input)) === "on" && !input.checked).forEach((input) => input.click());
          document.querySelector(`#${key}-run`)?.click();
        };
        settle(values.filter(([, value]) => value !== null), run);
      });
    }, 200);
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", restore);
  else restore();
  return { opened, large, dark, link };
})();
