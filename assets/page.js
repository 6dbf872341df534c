// What the browser does alone: history, links, large type, dark, one panel at a time.
// A link holds inputs and settings only; nothing is stored on the server.
window.dx = (() => {
  const LONGEST = 8000; // characters of an address that every browser and server takes
  const GENERAL = ["tab", "pair", "large", "present", "why", "__theme", "view"];
  const HELD = "textarea, input:not([type=file]):not([type=range]):not([type=submit])";
  const find = (selector) => document.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const tabs = () => all('#tabs > .tab-wrapper [role=tab], #tabs [role=tablist] [role=tab]').filter((tab) => tab.id);
  const panelOf = (key) => find(`#tab-${key}`);
  const soon = (ready, act, tries = 60) => {
    const result = ready();
    if (result) act(result);
    else if (tries) setTimeout(() => soon(ready, act, tries - 1), 50);
  };
  const ran = new Set();
  let current = null; // key of the visible tab
  let restored = null; // a tab that is opened by the history or a link: no new entry

  // One sentence at the foot of the window, until it is closed.
  const tell = (sentence) => {
    find("#dx-note")?.remove();
    if (!sentence) return;
    const note = document.createElement("div");
    const close = document.createElement("button");
    note.id = "dx-note";
    note.setAttribute("role", "status");
    note.textContent = sentence;
    close.textContent = "Close";
    close.onclick = () => note.remove();
    note.append(close);
    document.body.append(note);
  };

  // Every tab is one entry of the history.
  const address = (parameters) => {
    const target = new URL(location);
    target.search = new URLSearchParams(parameters);
    return target;
  };
  const pairOf = () => find("#pair input:checked")?.value;
  const opened = (key) => {
    const known = restored === key;
    restored = null;
    if (key !== current && !known) history.pushState({ tab: key }, "", address({ tab: key, pair: pairOf() }));
    current = key;
    if (document.body.classList.contains("dx-present")) present.first();
    // The first time a tab with a Compare button is opened, its first example is answered.
    soon(() => find(`#${key}-run`), (button) => {
      if (ran.has(key)) return;
      ran.add(key);
      setTimeout(() => button.click(), 150);
    }, 20);
  };
  const show = (key, then) =>
    soon(() => find(`#tab-${key}-button`), (tab) => {
      if (key !== current) restored = key;
      tab.click();
      then?.();
    }, 200);
  const first = () => tabs()[0]?.id.replace(/^tab-|-button$/g, "");
  addEventListener("popstate", (event) => show(event.state?.tab || first()));

  // A field of a tab: its key in a link, and the inputs in it. Files and right answers stay out.
  const fieldsOf = (key) => {
    const found = new Map();
    for (const input of all(HELD, panelOf(key) || document.createElement("i"))) {
      const block = input.closest(".block[id]:not([id^=component])");
      if (!block) continue;
      const name = block.id.replace(`why-${key}-`, "why-").replace(new RegExp(`^${key}-`), "");
      if (!found.has(name)) found.set(name, { name, block, inputs: [] });
      found.get(name).inputs.push(input);
    }
    return [...found.values()];
  };
  const kindOf = (field) => {
    const [input] = field.inputs;
    if (input.type === "radio") return "radio";
    if (input.type === "checkbox") return field.block.tagName === "FIELDSET" ? "boxes" : "box";
    return input.getAttribute("role") === "combobox" ? "menu" : "text";
  };
  const valueOf = (field) => {
    const checked = field.inputs.filter((input) => input.checked);
    const values = {
      radio: () => checked[0]?.value ?? "",
      boxes: () => checked.map((input) => input.name || input.value).join(","),
      box: () => (checked.length ? "on" : "off"),
    };
    return (values[kindOf(field)] || (() => field.inputs[0].value))();
  };
  const explained = () => Boolean(find(`#why-${current || first()}-result`)?.textContent.trim());
  // The address of what stands on the tab that is seen.
  const here = () => {
    const key = current || first();
    const carried = fieldsOf(key)
      .filter((field) => !field.block.matches(".dx-gold") && (explained() || !field.name.startsWith("why-")))
      .map((field) => [field.name, valueOf(field)]);
    return address([["tab", key], ["pair", pairOf()], ...carried, ...(explained() ? [["why", "on"]] : [])]);
  };
  const link = () => {
    const target = here();
    const say = (text) => {
      const button = find("#view-link");
      button.textContent = text;
      setTimeout(() => (button.textContent = "Link"), 1500);
    };
    if (target.href.length > LONGEST)
      return tell(`What stands here is too long for a link: ${target.href.length.toLocaleString("en")} characters, and at most ${LONGEST.toLocaleString("en")} arrive everywhere. Save it as a file instead.`);
    history.replaceState({ tab: current || first() }, "", target);
    navigator.clipboard ? navigator.clipboard.writeText(target.href).then(() => say("Copied"), () => say("In the address")) : say("In the address");
  };

  const type = (input, value) => {
    const kind = input.tagName === "TEXTAREA" ? HTMLTextAreaElement : HTMLInputElement;
    Object.getOwnPropertyDescriptor(kind.prototype, "value").set.call(input, value);
    input.dispatchEvent(new Event("input", { bubbles: true }));
  };
  // Sets a field; false when it does not offer the value.
  const set = (field, value) => {
    const [input] = field.inputs;
    const kind = kindOf(field);
    if (kind === "text") type(input, value);
    if (kind === "text" && input.type === "number") input.dispatchEvent(new Event("change", { bubbles: true }));
    if (kind === "menu") {
      input.focus();
      type(input, value);
      setTimeout(() => {
        input.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
        input.blur();
      }, 50);
    }
    if (kind === "radio") {
      const chosen = field.inputs.find((each) => each.value === value);
      if (!chosen) return false;
      if (!chosen.checked) chosen.click();
    }
    if (kind === "box" && input.checked !== (value === "on")) input.click();
    if (kind === "boxes") {
      const wanted = value.split(",").filter(Boolean);
      field.inputs.filter((each) => each.checked !== wanted.includes(each.name || each.value)).forEach((each) => each.click());
    }
    return true;
  };
  // The page fills its fields a moment after it draws them: set them again until the values stand.
  const settle = (wanted, done, tries = 40, stood = 0) => {
    const other = wanted.filter(([field, value]) => valueOf(field) !== value);
    other.forEach(([field, value]) => set(field, value));
    if (stood === 3 || !tries) done(other);
    else setTimeout(() => settle(wanted, done, tries - 1, other.length ? 0 : stood + 1), 100);
  };
  const explain = (key, wanted) => {
    const before = find(`#${key}-verdict`)?.innerHTML;
    soon(() => find(`#${key}-verdict`)?.innerHTML !== before, () =>
      setTimeout(() => settle(wanted, () => find(`#why-${key}-run`)?.click(), 10), 1000), 1200);
  };
  // Gradio reloads the page after a lost connection: what was typed is kept.
  const MOVED = "dx-moved";
  addEventListener("pagehide", () => {
    const lost = all(".toast-body").some((toast) => toast.textContent.includes("Connection Lost"));
    if (lost) sessionStorage.setItem(MOVED, here().href);
  });
  const arrived = () => {
    const moved = sessionStorage.getItem(MOVED);
    sessionStorage.removeItem(MOVED);
    if (moved) tell("The connection was lost and the page has been reloaded. What you had typed is here again.");
    return new URL(moved || location).searchParams;
  };
  const restore = () => {
    const wanted = arrived();
    const key = wanted.get("tab");
    if (wanted.get("large")) large();
    soon(first, (start) => {
      if (!current) current = start;
      if (!key) return history.replaceState({ tab: current }, "", location);
      if (!/^[a-z_]+$/.test(key) || !find(`#tab-${key}-button`))
        return tell("This link names a tab that is not on this page; the start page is shown instead.");
      history.replaceState({ tab: key }, "", location);
      ran.add(key);
      show(key, () => fill(key, wanted));
      if (wanted.get("present")) present.toggle();
    }, 200);
  };
  const fill = (key, wanted) => {
    const problems = [];
    const pair = wanted.get("pair");
    const pairs = all("#pair input");
    const chosen = pairs.find((input) => input.value === pair);
    const turned = chosen && !chosen.checked;
    if (turned) chosen.click();
    if (pair && !chosen) problems.push("it names a model pair that does not exist");
    // Another pair cancels what is being answered: nothing is asked before the tab has noticed it.
    const noticed = () => !turned || !find(`#${key}-run`) || panelOf(key).querySelector(".dx-changed");
    soon(() => (panelOf(key)?.querySelector(".block") ? fieldsOf(key) : null), (fields) => {
      const named = fields.filter((field) => wanted.has(field.name)).map((field) => [field, wanted.get(field.name)]);
      const names = fields.map((field) => field.name);
      const unknown = [...wanted.keys()].filter((name) => !GENERAL.includes(name) && !names.includes(name));
      if (unknown.length) problems.push(`${unknown.length} of its settings no longer exist`);
      const [late, early] = [true, false].map((why) => named.filter(([field]) => field.name.startsWith("why-") === why));
      const [gold, plain] = [true, false].map((own) => early.filter(([field]) => field.block.matches(".dx-gold") === own));
      settle(plain, (failed) => {
        settle(gold, () => {
          if (failed.length) problems.push(`this page does not offer its value of ${failed.map(([field]) => field.name).join(", ")}`);
          if (problems.length) tell(`Not all of this link could be used: ${problems.join("; ")}.`);
          if (wanted.get("why") === "on") explain(key, late);
          soon(noticed, () => find(`#${key}-run`)?.click(), 600);
        });
      });
    }, 200);
  };

  const large = () => document.body.classList.toggle("dx-large");
  const dark = () => document.body.classList.toggle("dark");
  // One panel at a time: a panel starts with a heading, or is the frame of Why?.
  const present = (() => {
    let at = 0;
    const groups = () => {
      const column = panelOf(current || first())?.querySelector(":scope > .column");
      return [...(column?.children || [])].filter((child) => !child.matches(".dx-hidden")).reduce((found, child) => {
        if (!found.length || child.matches(".wx-why") || child.querySelector(":scope h2, :scope .prose > h3, :scope > .md > h3")) found.push([]);
        found.at(-1).push(child);
        return found;
      }, []);
    };
    const draw = () => {
      const on = document.body.classList.contains("dx-present");
      all(".dx-off").forEach((child) => child.classList.remove("dx-off"));
      if (on) groups().forEach((group, number) => number !== at && group.forEach((child) => child.classList.add("dx-off")));
      scrollTo(0, 0);
      dispatchEvent(new Event("resize")); // plots take their new width
    };
    const go = (step) => {
      const last = groups().length - 1;
      const keys = tabs().map((tab) => tab.id.replace(/^tab-|-button$/g, ""));
      const next = keys[keys.indexOf(current || first()) + step];
      if (at + step >= 0 && at + step <= last) at += step;
      else if (next) return show(next);
      draw();
    };
    const toggle = () => {
      const on = document.body.classList.toggle("dx-present");
      document.body.classList.toggle("dx-large", on);
      at = 0;
      draw();
      tell(on ? "One panel at a time: Page Down goes on, Page Up goes back, Escape ends it." : "");
    };
    const restart = () => ((at = 0), setTimeout(draw, 100));
    return { toggle, go, first: restart };
  })();
  addEventListener("keydown", (event) => {
    const tab = event.target.closest?.("[role=tab]");
    const steps = { ArrowRight: 1, ArrowLeft: -1 };
    if (tab && event.key in steps) {
      const list = tabs().filter((each) => each.checkVisibility());
      const next = list[(list.indexOf(tab) + steps[event.key] + list.length) % list.length];
      next?.focus();
      next?.click();
      event.preventDefault();
    }
    if (!document.body.classList.contains("dx-present")) return;
    const turns = { PageDown: () => present.go(1), PageUp: () => present.go(-1), Escape: present.toggle };
    if (turns[event.key]) (turns[event.key](), event.preventDefault());
  });

  // The plots of the first page lie below what a window shows first, and the code that draws them is
  // five megabytes: they are drawn once they come near.
  const isDrawn = (plot) => plot.querySelector(".main-svg");
  const plotsOf = (key) => all(".sx-plot", panelOf(key) || document.createElement("i"));
  const isStart = () => (current || first()) === "start";
  const draw = (tries = 10) => { // again, for a page that has just opened does not hear every press
    if (!tries || !isStart() || plotsOf("start").some(isDrawn)) return;
    find("#start-draw")?.click();
    setTimeout(draw, 2000, tries - 1);
  };
  const near = new IntersectionObserver((plots) => plots.some((plot) => plot.isIntersecting) && (near.disconnect(), draw()), { rootMargin: "300px" });
  const awaitPlots = () => plotsOf("start").some(isDrawn) || plotsOf("start").forEach((plot) => near.observe(plot));
  const whenDrawn = async () => {
    if (!isStart()) return;
    draw();
    for (let tries = 100; tries && !plotsOf("start").every(isDrawn); tries--) await new Promise((next) => setTimeout(next, 100));
  };
  addEventListener("beforeprint", () => draw());

  // Gradio hides the label of a plot from everyone; screen readers need it as the plot's name.
  const namePlots = () =>
    all(".sx-plot:not([aria-label])").forEach((plot) => {
      const name = plot.querySelector("[data-testid=block-label]")?.textContent.trim();
      if (!name || name === "Plot") return;
      plot.setAttribute("role", "figure");
      plot.setAttribute("aria-label", name);
    });
  // Beside the name of its button, Gradio's picture has nothing to say.
  const muteIcons = () => all("footer img:not([alt=''])").forEach((icon) => (icon.alt = ""));
  // A box is read in the direction of what is typed into it.
  const followText = () => all("textarea[dir=ltr], input[dir=ltr]").forEach((box) => (box.dir = "auto"));
  // What scrolls can be scrolled with the keyboard.
  const reachScrollers = () =>
    all(".dx-scroll, .dx-text, .ra-items, .sx-pieces, .sx-wide, .wx-wide, .wx-scroll, .sx-inputs dd")
      .filter((box) => !box.hasAttribute("tabindex") && (box.scrollHeight > box.clientHeight + 1 || box.scrollWidth > box.clientWidth + 1))
      .forEach((box) => (box.tabIndex = 0));
  const watch = () => {
    let waiting = 0;
    const later = () => (waiting ||= requestAnimationFrame(() => ((waiting = 0), namePlots(), muteIcons(), followText(), reachScrollers(), awaitPlots())));
    new MutationObserver(later).observe(document.body, { childList: true, subtree: true });
    new ResizeObserver(later).observe(document.body); // another width, another tab, an opened part
  };
  const start = () => (restore(), watch());
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
  const title = () => tabs().find((tab) => tab.id === `tab-${current || first()}-button`)?.textContent.trim() ?? "";
  const parts = { all, panelOf, fieldsOf, valueOf, pairOf, explained, here, title, tell, whenDrawn, key: () => current || first() };
  return { opened, large, dark, link, parts, present: present.toggle };
})();
