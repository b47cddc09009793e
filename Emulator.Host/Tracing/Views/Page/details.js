// What is said of an event in words: the tip under the pointer, and the panel.

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function rowsOf(e) {
  const visible = e.visible && (e.visible[0] === e.visible[1] ? `@${e.visible[1]}` : `@${e.visible[0]} to @${e.visible[1]}`);
  return [
    ["lane", trace.lanes[e.lane].name],
    ["function", e.function],
    ["site", e.site],
    ["mutation", e.mutation, "bad"],
    ["address", e.length ? `${hex(e.address)}, ${e.length} ${e.length === 1 ? "byte" : "bytes"}` : null],
    [{ interrupt: "vector", lost: "events" }[e.kind] ?? "value", e.value === null ? null : `${hex(e.value)} (${BigInt(hex(e.value))})`],
    ["ordering", e.ordering && e.ordering + (e.relaxed ? ", but relaxed here" : "")],
    [e.kind === "fence" ? "fence" : "fences before", e.fences.length ? e.fences.join(", ") : e.ordering ? "none" : null],
    [e.kind.endsWith("read") ? "as of" : "visible", visible],
    ["status", e.status === "waiting" ? "waiting: not visible by the end" : e.status, e.status === "waiting" ? "" : "bad"],
    ["machine time", axis.hasTime ? formatTime(e.time) : null],
    ["host time", e.hostTime ? formatTime(e.hostTime) : null],
    ["thread", e.thread],
  ].filter(([, value]) => value !== null && value !== undefined && value !== "");
}

function title(e) {
  return element("div", { className: "title" }, `${e.sequence}  ${e.kind}`);
}

function tableOf(e) {
  const row = ([name, value, className = ""]) => element("tr", {}, element("th", {}, name), element("td", { className }, value));
  return element("table", {}, ...rowsOf(e).map(row));
}

function linksTo(name, events) {
  if (!events.length) return [];
  const cell = element("td"), link = e => element("a", { onclick: () => page.pin(e, true) }, `${e.sequence} ${trace.lanes[e.lane].name}`);
  events.slice(0, 12).forEach((e, i) => cell.append(i ? ", " : "", link(e)));
  if (events.length > 12) cell.append(` and ${events.length - 12} more`);
  return [element("tr", {}, element("th", {}, name), cell)];
}

// Others' stores to what a load read that had been issued before it, and were not visible at the moment whose values it took.
function missedBy(load) {
  if (load.kind !== "read" || !load.visible || !load.length) return [];
  const first = BigInt(hex(load.address)), last = first + BigInt(load.length - 1);
  const overlaps = addressTest(`${hex(first.toString(16))}-${hex(last.toString(16))}`);
  return trace.events.slice(0, load.index).filter(s => s.store && s.lane !== load.lane && (!s.visible || s.visible[1] > load.visible[1]) && overlaps(s));
}

function violationsOf(e) {
  const link = e => element("a", { onclick: () => page.pin(e, true) }, e.sequence);
  return e.violations.map(v => element("p", { className: "bad" }, `✖ ${v.rule} (`, link(v.earlier), " → ", link(v.later), ")"));
}

const details = {
  tip: document.getElementById("tip"),
  pinned: document.getElementById("pinned"),
  list: document.getElementById("violations"),

  hover(e, x, y) {
    this.tip.hidden = !e;
    if (!e) return;
    this.tip.replaceChildren(title(e), tableOf(e), ...violationsOf(e));
    const stage = this.tip.parentElement, { offsetWidth: w, offsetHeight: h } = this.tip;
    this.tip.style.left = `${Math.max(4, x + 18 + w > stage.clientWidth ? x - w - 14 : x + 18)}px`;
    this.tip.style.top = `${Math.max(4, Math.min(y + 14, stage.clientHeight - h - 6))}px`;
  },

  showPinned(e) {
    if (!e) {
      const hint = "Point at a mark to see all of it; click it to keep it here.";
      this.pinned.replaceChildren(element("h2", {}, "Event"), element("p", { className: "hint" }, hint));
      return;
    }

    const table = tableOf(e);
    table.append(
      ...linksTo(e.kind === "interrupt" ? "message" : "saw", e.from),
      ...linksTo("did not see", missedBy(e)),
      ...linksTo(e.kind === "message" ? "taken by" : "seen by", e.seenBy));
    this.pinned.replaceChildren(title(e), table, ...violationsOf(e));
  },

  showViolations(current) {
    const name = e => `${e.sequence} ${e.kind} ${trace.lanes[e.lane].name}`;
    const item = v => element(
      "li",
      { className: v === current ? "here" : "", onclick: () => page.violation(v) },
      v.rule,
      element("small", {}, `${name(v.earlier)} → ${name(v.later)}`));
    const all = trace.violations, most = 300, first = Math.max(0, Math.min((current?.index ?? 0) - most / 2, all.length - most));
    this.list.replaceChildren(
      element("h2", {}, all.length === 0 ? "No violations" : all.length === 1 ? "1 violation" : `${all.length} violations`),
      all.length ? element("ol", {}, ...all.slice(first, first + most).map(item))
        : element("p", { className: "hint" }, "Nothing here happened that the fences, the bus or the memory model forbid."));
    if (all.length > most) this.list.append(element("p", { className: "hint" }, `${first + 1} to ${first + most} are listed.`));
    this.list.querySelector(".here")?.scrollIntoView({ block: "nearest" });
  },
};
