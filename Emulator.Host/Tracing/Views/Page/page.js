// What the pointer and the keys do. Of the address, #at=SEQUENCE pins an event, #violation=N (from 1), #search=…, #axis=time, #zoom=N.

const id = name => document.getElementById(name);

const page = {
  dirty: false,

  redraw() {
    if (this.dirty) return;
    this.dirty = true;
    requestAnimationFrame(() => {
      this.dirty = false;
      view.draw();
      overview.draw();
      this.status();
    });
  },

  status() {
    const shown = axis.shown.length, all = trace.events.length;
    id("status").textContent = !all ? "no events"
      : shown === all ? `${view.inView} of ${all} events in view`
      : `${view.inView} in view, ${shown} shown, of ${all} events`;
    const matches = axis.matching ? axis.shown.filter(axis.matching).length : null;
    id("matches").textContent = matches === null ? "" : matches === 1 ? "1 match" : `${matches} matches`;
    for (const mode of ["order", "time"]) id(mode).setAttribute("aria-pressed", axis.mode === mode);
    id("time").disabled = !axis.hasTime;
    if (!axis.hasTime) id("time").title = "All events have the same machine time";
    const n = trace.violations.length;
    id("which").textContent = !n ? "no violations"
      : view.violation ? `violation ${view.violation.index + 1} of ${n}`
      : n === 1 ? "1 violation" : `${n} violations`;
    id("which").className = n ? "" : "none";
    id("previous").disabled = id("next").disabled = !n;
  },

  // Lays the axis out anew and keeps what is in the middle, or all of it.
  relay(change) {
    const wasAll = view.scale <= view.least * 1.001;
    const middle = axis.between(view.coordinate(gutter), view.coordinate(view.width)).at(0), scale = view.scale, mode = axis.mode;
    change();
    axis.lay();
    overview.stale = true;
    if (wasAll || mode !== axis.mode || !middle) view.fit();
    else {
      view.scale = scale;
      view.left = axis.of(middle.index) - 30 / scale;
    }

    view.clamp();
    this.redraw();
  },

  setAxis(mode) {
    if (mode !== axis.mode && (mode === "order" || axis.hasTime)) {
      this.relay(() => axis.mode = mode);
      if (view.pinned) view.show(view.pinned.index);
    }
  },

  search(text) {
    const change = () => axis.matching = compileSearch(text);
    if (axis.only) this.relay(change);
    else {
      change();
      for (const e of trace.events) e.dim = axis.matching !== null && !axis.matching(e);
      overview.stale = true;
      this.redraw();
    }
  },

  nextMatch(step) {
    const events = axis.shown.filter(e => !e.dim), at = view.pinned?.index ?? -1;
    const next = step > 0 ? events.find(e => e.index > at) ?? events[0] : events.findLast(e => e.index < at) ?? events.at(-1);
    if (next) this.pin(next, true);
  },

  pin(e, show = false) {
    view.pinned = e;
    details.showPinned(e);
    if (e && show) view.show(e.index);
    history.replaceState(null, "", e ? `#at=${e.sequence}` : location.pathname + location.search);
    this.redraw();
  },

  violation(v) {
    view.violation = v;
    view.pinned = v.later;
    details.showPinned(v.later);
    details.showViolations(v);
    view.show(v.earlier.index, v.later.index);
    this.redraw();
  },

  nextViolation(step) {
    const n = trace.violations.length;
    if (n) this.violation(trace.violations[view.violation ? (view.violation.index + step + n) % n : step > 0 ? 0 : n - 1]);
  },

  zoom(factor, x) {
    view.zoom(factor, x);
    this.redraw();
  },

  pan(pixels) {
    view.left += pixels / view.scale;
    view.clamp();
    this.redraw();
  },

  scroll(pixels) {
    view.top += pixels;
    view.clamp();
    this.redraw();
  },

  all() {
    view.fit();
    view.clamp();
    this.redraw();
  },
};

function buildLegend() {
  const legend = id("legend");
  const sign = (draw, width = 22) => {
    const canvas = element("canvas");
    queueMicrotask(() => {
      canvas.width = width * 2;
      canvas.height = 36;
      const c = canvas.getContext("2d");
      c.scale(2, 2);
      draw(c);
    });
    return canvas;
  };
  const toggle = (name, what, ...children) => {
    const button = element("button", { title: `Show or hide: ${name}` }, ...children);
    button.setAttribute("aria-pressed", what.shown);
    button.onclick = () => page.relay(() => button.setAttribute("aria-pressed", what.shown = !what.shown));
    return button;
  };
  const line = (text, draw) => element("span", { className: "sign" }, sign(draw, 34), text);
  legend.replaceChildren(
    ...trace.kinds.filter(k => k.count).map(k => toggle(k.name, k, sign(c => drawMark(c, k.name, 11, 9, 5.5)), k.name.replace("-", " "))),
    element("span", { className: "gap" }),
    ...(trace.events.some(e => e.store) ? [line("waits, then visible", c => {
      c.fillStyle = colours.bar;
      c.fillRect(2, 7, 22, 4);
      c.fillStyle = colours.write;
      c.beginPath();
      polygon(c, 26, 9, 5, [[-1, -1], [1, 0], [-1, 1]]);
      c.fill();
    })] : []),
    ...[
      ["load saw store", "arrow", [], trace.arrows.some(a => !a.interrupt)],
      ["interrupt of message", "message", [5, 3], trace.arrows.some(a => a.interrupt)],
      ["violation", "bad", [], trace.violations.length],
    ].filter(l => l[3]).map(([text, colour, dash]) => line(text, c => {
        c.strokeStyle = colours[colour];
        c.lineWidth = 2;
        drawArrow(c, 2, 12, 30, 6, 0, 7, dash);
      })),
    ...(trace.events.some(e => e.fences.length && e.kind !== "fence") ? [line("fence before", c => {
      c.fillStyle = colours.fence;
      c.fillRect(13, 2, 3, 14);
      drawMark(c, "write", 24, 9, 5.5);
    })] : []),
    element("span", { className: "gap" }),
    ...trace.lanes.map(l => toggle(l.name, l, l.name)));
}

function listen() {
  const { canvas } = view;
  canvas.addEventListener("wheel", event => {
    event.preventDefault();
    if (event.offsetX < gutter) page.scroll(event.deltaY);
    else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) page.pan(event.deltaX || event.deltaY);
    else page.zoom(Math.exp(-event.deltaY * (event.deltaMode ? .05 : .0016)), Math.max(event.offsetX, gutter));
  }, { passive: false });
  let drag = null;
  canvas.addEventListener("pointerdown", event => {
    drag = { x: event.offsetX, y: event.offsetY, left: view.left, top: view.top, moved: false };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", event => {
    if (drag) {
      drag.moved ||= Math.hypot(event.offsetX - drag.x, event.offsetY - drag.y) > 3;
      if (drag.moved) {
        canvas.classList.add("moving");
        [view.left, view.top] = [drag.left - (event.offsetX - drag.x) / view.scale, drag.top - (event.offsetY - drag.y)];
        view.clamp();
        details.hover(null);
        page.redraw();
      }

      return;
    }

    const hit = view.hit(event.offsetX, event.offsetY);
    canvas.classList.toggle("over", hit !== null);
    details.hover(hit, event.offsetX, event.offsetY + canvas.offsetTop);
    if (hit !== view.hovered) {
      view.hovered = hit;
      page.redraw();
    }
  });
  canvas.addEventListener("pointerup", event => {
    if (drag && !drag.moved) page.pin(view.hit(event.offsetX, event.offsetY));
    canvas.classList.remove("moving");
    drag = null;
  });
  canvas.addEventListener("pointerleave", () => {
    view.hovered = null;
    details.hover(null);
    page.redraw();
  });
  canvas.addEventListener("dblclick", event => page.zoom(4, event.offsetX));
  const strip = event => {
    if (event.buttons) {
      view.left = axis.start + (event.offsetX - gutter) / view.room * view.span - view.room / view.scale / 2;
      view.clamp();
      page.redraw();
    }
  };
  overview.canvas.addEventListener("pointerdown", event => {
    overview.canvas.setPointerCapture(event.pointerId);
    strip(event);
  });
  overview.canvas.addEventListener("pointermove", strip);
  overview.canvas.addEventListener("wheel", event => {
    event.preventDefault();
    page.zoom(Math.exp(-event.deltaY * .0016));
  }, { passive: false });

  for (const mode of ["order", "time"]) id(mode).onclick = () => page.setAxis(mode);
  id("closer").onclick = () => page.zoom(1.6);
  id("farther").onclick = () => page.zoom(1 / 1.6);
  id("all").onclick = () => page.all();
  id("next").onclick = () => page.nextViolation(1);
  id("previous").onclick = () => page.nextViolation(-1);
  id("only").onchange = () => page.relay(() => axis.only = id("only").checked);
  id("search").oninput = () => page.search(id("search").value);
  id("search").onkeydown = event => {
    if (event.key === "Enter") page.nextMatch(event.shiftKey ? -1 : 1);
    if (event.key === "Escape") canvas.focus();
    event.stopPropagation();
  };
  const keys = {
    ArrowLeft: () => page.pan(-120), ArrowRight: () => page.pan(120), PageUp: () => page.pan(-view.room * .9), PageDown: () => page.pan(view.room * .9),
    ArrowUp: () => page.zoom(1.3), ArrowDown: () => page.zoom(1 / 1.3), "+": () => page.zoom(1.6), "=": () => page.zoom(1.6), "-": () => page.zoom(1 / 1.6),
    0: () => page.all(), Home: () => page.pan(-Infinity), End: () => page.pan(Infinity),
    n: () => page.nextViolation(1), p: () => page.nextViolation(-1), "]": () => page.nextMatch(1), "[": () => page.nextMatch(-1),
    t: () => page.setAxis(axis.mode === "order" ? "time" : "order"), "/": () => id("search").focus(), Escape: () => page.pin(null),
  };
  document.addEventListener("keydown", event => {
    if (keys[event.key] && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      keys[event.key]();
    }
  });
  new ResizeObserver(() => {
    const wasAll = view.scale <= view.least * 1.001;
    [view.width, view.height] = [canvas.clientWidth, canvas.clientHeight];
    overview.stale = true;
    if (wasAll) view.fit();
    page.redraw();
  }).observe(canvas);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    readColours();
    buildLegend();
    overview.stale = true;
    page.redraw();
  });
}

function followAddress() {
  const options = new URLSearchParams(location.hash.slice(1));
  if (options.has("axis")) page.setAxis(options.get("axis"));
  if (options.has("search")) page.search(id("search").value = options.get("search"));
  const event = trace.events.find(e => String(e.sequence) === options.get("at"));
  if (event) page.pin(event, true);
  const violation = trace.violations[options.get("violation") - 1];
  if (violation) page.violation(violation);
  if (options.has("zoom")) page.zoom(Number(options.get("zoom")) || 1);
}

function start() {
  const { name, model, schedule, seed, events, leftOut } = trace;
  id("name").textContent = name;
  const count = `${events.length} ${events.length === 1 ? "event" : "events"}${leftOut ? ` of ${events.length + leftOut}` : ""}`;
  id("facts").textContent = `memory model ${model} · schedule ${schedule} · seed ${seed} · ${count}`;
  id("nothing").hidden = events.length > 0;
  readColours();
  axis.lay();
  [view.width, view.height] = [view.canvas.clientWidth, view.canvas.clientHeight];
  view.fit();
  view.lay();
  buildLegend();
  listen();
  details.showPinned(null);
  details.showViolations(null);
  followAddress();
  window.addEventListener("hashchange", followAddress);
  page.redraw();
}

start();
