// Saves what a tab shows: as a page, as data, as pictures. Everything is made in the browser.
dx.save = (() => {
  const { all, panelOf, fieldsOf, valueOf, pairOf, explained, here, key, title, tell, whenDrawn } = dx.parts;
  const facts = () => JSON.parse(document.getElementById("dx-facts").textContent);
  const STALE = "The answers are of another input: press Compare first, then Save.";
  const NONE = "not given"; // of an optional right answer
  const PICTURE = { width: 900, height: 480 }; // pixels; a PNG has twice as many
  const INKED = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-opacity", "opacity", "font-size", "font-family", "font-weight", "text-anchor", "dominant-baseline", "color"];
  const escaped = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt()};`);
  const deliver = (content, type, name) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([content], { type }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 2000);
  };

  // What was asked when Compare was pressed last, by tab: what is saved belongs to it.
  const asked = {};
  const inputs = () => JSON.stringify(settings().filter(([name]) => !name.startsWith("why-")));
  addEventListener("click", (event) => {
    const tab = key();
    if (event.target.closest?.("button")?.id === `${tab}-run`) setTimeout(() => (asked[tab] = inputs()), 100);
  }, true);
  const isRefused = () => Boolean(document.querySelector(`#${key()}-notice [role=alert]`));
  const isStale = () => isRefused() || (key() in asked && asked[key()] !== inputs());

  // What a visitor sees: plots by Plotly, and drawings of ours.
  const plots = () =>
    all(".js-plotly-plot, .html-container svg", panelOf(key())).filter((plot) => plot.checkVisibility() && plot.clientWidth > 150);
  const svgOf = async (plot) => {
    if (!plot.matches("svg")) {
      const url = await Plotly.toImage({ data: plot.data, layout: plot.layout }, { format: "svg", width: plot.clientWidth, height: plot.clientHeight });
      return decodeURIComponent(url.slice(url.indexOf(",") + 1));
    }
    const copy = plot.cloneNode(true);
    const [from, to] = [[plot, ...all("*", plot)], [copy, ...all("*", copy)]];
    from.forEach((node, i) => {
      const style = getComputedStyle(node);
      to[i].setAttribute("style", INKED.map((name) => `${name}:${style.getPropertyValue(name)}`).join(";"));
    });
    copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
    copy.setAttribute("width", plot.clientWidth);
    copy.setAttribute("height", plot.clientHeight);
    return new XMLSerializer().serializeToString(copy);
  };
  const urlOf = (svg) => `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  const pngOf = (svg) =>
    new Promise((done) => {
      const image = new Image();
      image.onload = () => {
        const canvas = document.createElement("canvas");
        canvas.width = 2 * (image.width || PICTURE.width);
        canvas.height = 2 * (image.height || PICTURE.height);
        const pen = canvas.getContext("2d");
        pen.fillStyle = getComputedStyle(document.body).backgroundColor;
        pen.fillRect(0, 0, canvas.width, canvas.height);
        pen.drawImage(image, 0, 0, canvas.width, canvas.height);
        canvas.toBlob(done, "image/png");
      };
      image.src = urlOf(svg);
    });
  const pictures = async (kind) => {
    const drawn = plots();
    if (!drawn.length) return tell("There is no picture on this tab yet.");
    for (const [number, plot] of drawn.entries()) {
      const svg = await svgOf(plot);
      const name = plot.parentElement.closest("[id]:not([id^=html-]):not([id^=component-])")?.id || key();
      const png = kind === "png";
      deliver(png ? await pngOf(svg) : svg, png ? "image/png" : "image/svg+xml", `${number + 1}-${name}.${kind}`);
    }
  };

  // Inputs, settings, models, versions: what is needed to get it again.
  const fields = () => fieldsOf(key()).filter((field) => explained() || !field.name.startsWith("why-"));
  const settings = () => fields().map((field) => [field.name, valueOf(field)]);
  const labelOf = (field) => field.block.querySelector("[data-testid=block-info], .label-text, label span")?.innerText.trim().split("\n")[0] || field.name;
  const shownOf = (field) => {
    const options = field.inputs.filter((input) => /radio|checkbox/.test(input.type));
    const chosen = options.filter((input) => input.checked).map((input) => input.closest("label")?.innerText.trim() || "on");
    return options.length ? chosen.join(", ") : valueOf(field);
  };
  const recipe = () => {
    const { models, endpoints, ...others } = facts();
    const given = { tab: key(), pair: pairOf(), settings: Object.fromEntries(settings()), address: here().href };
    const chosen = Object.entries(models[pairOf()]).map(([role, heads]) => [role, heads[key()] ?? [...new Set(Object.values(heads))].join("; ")]);
    return { ...others, saved: new Date().toISOString(), ...given, models: Object.fromEntries(chosen) };
  };
  const answerOf = async (head, given) => {
    const names = facts().endpoints[head];
    if (!names) return null;
    const inputs = Object.fromEntries(Object.entries(given).filter(([name, value]) => names.includes(name) && value !== "" && value !== NONE));
    if (inputs.choices) inputs.choices = inputs.choices.split("\n").filter((line) => line.trim());
    if ("right" in inputs) inputs.right = Number(inputs.right) || 0;
    if ("untrained" in inputs) inputs.untrained = inputs.untrained === "on";
    const api = `./gradio_api/call/v2/${head}`;
    const headers = { "Content-Type": "application/json" };
    const posted = await fetch(api, { method: "POST", headers, body: JSON.stringify({ ...inputs, pair: pairOf() }) });
    const { event_id } = await posted.json();
    const [, event, data] = (await (await fetch(`${api}/${event_id}`)).text()).match(/event: (complete|error)\ndata: (.*)/);
    const value = JSON.parse(data);
    return event === "error" ? { refused: value.error } : value[0];
  };
  const wordsOf = (node) => node.innerText.trim().replace(/\s+/g, " ");
  const tables = () =>
    all("table", panelOf(key())).filter((table) => table.checkVisibility()).map((table) => ({
      title: table.caption ? wordsOf(table.caption) : "",
      rows: [...table.rows].map((row) => [...row.cells].map(wordsOf)),
    }));
  const data = async () => {
    const made = recipe();
    const result = await answerOf(key(), made.settings);
    const shown = all(".html-container", panelOf(key())).filter((part) => part.checkVisibility()).map(wordsOf).filter(Boolean);
    deliver(JSON.stringify({ ...made, ...(result ? { result } : {}), tables: tables(), shown }, null, 1), "application/json", `${key()}.json`);
  };

  // The page: results as they stand, with their style sheet, the plots as pictures, no script.
  const keep = async (node) => {
    if (!node.checkVisibility() || node.matches("button, .dx-hidden")) return "";
    if (node.matches(".js-plotly-plot")) return `<img alt="${escaped(node.closest("[aria-label]")?.ariaLabel || "")}" src="${urlOf(await svgOf(node))}">`;
    if (node.matches(".html-container, .md")) {
      const copy = node.cloneNode(true);
      all("script, style", copy).forEach((part) => part.remove());
      all("button, input", copy).forEach((part) => (part.disabled = true));
      all("details", copy).forEach((part) => (part.open = true));
      return `<div id="${node.parentElement.id}">${copy.innerHTML}</div>`;
    }
    const kept = (await Promise.all([...node.children].map(keep))).join("");
    return node.matches(".dx-pair") && kept ? `<div class="dx-kept">${kept}</div>` : kept;
  };
  // Gradio rewrites the selectors of our style sheet to those within its frame, so the frame is kept.
  const style = () => {
    const own = all("style").map((sheet) => sheet.textContent).filter((text) => text.includes("--teacher"));
    const names = new Set(own.join().match(/--[\w-]+(?=\s*[,)])/g));
    const computed = getComputedStyle(document.querySelector(".gradio-container"));
    const values = [...names].map((name) => [name, computed.getPropertyValue(name)]).filter(([, value]) => value);
    return `${own.join("\n")} :root, .dark { ${values.map(([name, value]) => `${name}: ${value};`).join(" ")} }
      body { max-width: 1100px; margin: 0 auto; padding: 24px; font: 16px/1.5 system-ui, sans-serif; color: var(--body-text-color); }
      .dx-kept { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 320px), 1fr)); gap: 16px; }
      * { max-height: none !important; } img { max-width: 100%; } a { color: inherit; } table { display: block !important; overflow-x: auto !important; } th, td { text-align: left; padding: 2px 14px 2px 0; vertical-align: top; } main > table th { min-width: 9em; } td { white-space: pre-wrap; }`;
  };
  const page = async () => {
    const made = recipe();
    const rows = fields().map((field) => [labelOf(field), shownOf(field)]).filter(([, value]) => value)
      .map(([label, value]) => `<tr><th>${escaped(label)}</th><td>${escaped(value)}</td></tr>`);
    const models = Object.entries(made.models).map(([role, model]) => escaped(`${role}: ${model}`)).join("; ");
    const versions = Object.entries(made.versions).map((each) => each.join(" ")).join(", ");
    deliver(`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escaped(`${title()}: DistilBERT Explorer`)}</title><style>${style().replaceAll("</", "<\\/")}</style></head>
<body class="${document.body.classList.contains("dark") ? "dark" : ""}"><div class="${document.querySelector(".gradio-container").className}"><main class="contain"><h1>${escaped(title())}</h1>
<p class="dx-quiet">Saved from DistilBERT Explorer ${escaped(made.version)} on ${made.saved.slice(0, 16).replace("T", " at ")} UTC; ${models}; ${escaped(versions)}.
<a href="${escaped(made.address)}">Open it again</a> where the app runs.</p>
<table>${rows.join("")}</table>${await keep(panelOf(key()))}</main></div></body></html>`, "text/html", `${key()}.html`);
  };

  const KINDS = [["Page (HTML)", page], ["Data (JSON)", data], ["Pictures (PNG)", () => pictures("png")], ["Pictures (SVG)", () => pictures("svg")]];
  const menu = () => {
    const open = document.getElementById("dx-save");
    if (open) return open.remove();
    const button = document.getElementById("view-save");
    const box = document.createElement("div");
    box.id = "dx-save";
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", "Save what stands on this tab");
    KINDS.forEach(([name, save]) => {
      const choice = document.createElement("button");
      choice.textContent = name;
      choice.onclick = () => (box.remove(), button.focus(), isStale() ? tell(STALE) : whenDrawn().then(save));
      box.append(choice);
    });
    box.onkeydown = (event) => event.key === "Escape" && (box.remove(), button.focus());
    button.after(box);
    box.firstChild.focus();
    const closing = new AbortController();
    const outside = (event) => event.isTrusted && !box.contains(event.target) && (box.remove(), closing.abort());
    setTimeout(() => addEventListener("click", outside, { signal: closing.signal })); // not by Compare that the page presses itself
  };
  return menu;
})();
