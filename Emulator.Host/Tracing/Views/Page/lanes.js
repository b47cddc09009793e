// The lanes: what is in view, as large as there is room.

const gutter = 150, ruler = 26;

const view = {
  canvas: document.getElementById("lanes"),
  left: 0, scale: 1, top: 0, total: 0, offset: 0, width: 0, height: 0, inView: 0, lanes: [], hits: [],
  hovered: null, pinned: null, violation: null,

  x(place) { return gutter + (axis.of(place) - this.left) * this.scale; },
  coordinate(x) { return this.left + (x - gutter) / this.scale; },
  get room() { return Math.max(this.width - gutter - 12, 50); },
  get span() { return Math.max(axis.end - axis.start, axis.mode === "order" ? 1 : 1e-9); },
  get least() { return this.room / (this.span * 1.02); },
  get most() { return axis.mode === "order" ? 260 : Math.max(120, this.least * 20); },

  fit() {
    this.scale = Math.min(this.least, axis.mode === "order" ? 190 : Infinity);
    this.left = axis.start - (this.room / this.scale - this.span) / 2 - (axis.mode === "order" ? .5 : 0);
  },

  zoom(factor, x = gutter + this.room / 2) {
    const at = this.coordinate(x);
    this.scale = Math.min(Math.max(this.scale * factor, Math.min(this.least, 190)), this.most);
    this.left = at - (x - gutter) / this.scale;
    this.clamp();
  },

  clamp() {
    const shown = this.room / this.scale, margin = shown * .5;
    if (shown >= this.span) this.left = axis.start - (shown - this.span) / 2 - (axis.mode === "order" ? .5 : 0);
    else this.left = Math.min(Math.max(this.left, axis.start - margin), axis.end - shown + margin);
    this.top = Math.min(Math.max(this.top, 0), Math.max(0, this.total - (this.height - ruler)));
  },

  // Brings events into the middle, and so near that marks and not columns are drawn.
  show(first, last = first) {
    // The end of a pair that is too far apart for it; its arrow leads to the other.
    if (Math.abs(axis.of(last) - axis.of(first)) > (axis.of(Math.min(last + 60, trace.events.length)) - axis.of(Math.max(last - 60, 0)))) first = last;
    const [low, high] = [Math.min(first, last), Math.max(first, last)], [a, b] = [axis.of(low), axis.of(high)], room = this.room;
    const around = axis.of(Math.min(high + 8, trace.events.length)) - axis.of(Math.max(low - 8, 0));
    this.scale = Math.min(Math.max(this.scale, room / around), this.most);
    if ((b - a) * this.scale > room * .8) this.scale = Math.max(room * .8 / (b - a), this.least);
    this.left = (a + b) / 2 - room / this.scale / 2;
    const lane = this.lanes[trace.events[last].lane], below = this.height - ruler;
    if (lane && (lane.y < this.top || lane.y + lane.height > this.top + below)) this.top = lane.y - (below - lane.height) / 2;
    this.clamp();
  },

  lay() {
    const lanes = trace.lanes.filter(l => l.shown), least = l => 52 + Math.min(l.depth, 8) * 7;
    // The arrows of violations stand above their lane.
    const top = trace.violations.length ? 26 : 0, share = (this.height - ruler - top) / Math.max(lanes.length, 1);
    let y = top;
    this.lanes = [];
    for (const lane of lanes) {
      const height = Math.max(least(lane), Math.min(share, 280));
      this.lanes[lane.index] = { y, height, middle: y + Math.max(height * (lane.depth ? .42 : .52), 33), rows: Math.min(lane.depth, 8), lane };
      y += height;
    }

    this.total = y;
    this.offset = Math.max(0, (this.height - ruler - y) / 2);
    this.clamp();
  },

  y(lane) { return ruler + this.offset - this.top + this.lanes[lane].middle; },

  bufferY(e) {
    const l = this.lanes[e.lane], r = this.radius;
    const room = l.y + l.height - l.middle - r - 6, step = Math.min(15, room / Math.max(l.rows, 1));
    return this.y(e.lane) + r + 5 + step * (Math.min(e.store[2], 7) + .4);
  },

  get radius() {
    const slot = axis.mode === "order" ? this.scale : this.room / Math.max(this.inView, 1);
    const tall = Math.min(...this.lanes.filter(l => l).map(l => l.height));
    return Math.min(Math.max(slot * .36, 2.5), tall > 110 ? 11 : 8);
  },

  draw() {
    const { c, width, height } = prepare(this.canvas);
    [this.width, this.height] = [width, height];
    if (!trace.events.length) return;
    this.lay();
    const from = this.coordinate(gutter - 30), to = this.coordinate(width + 30);
    const events = axis.between(from, to);
    this.inView = events.length;
    this.hits = [];
    this.drawGround(c);
    c.save();
    c.beginPath();
    c.rect(gutter, ruler, width - gutter, height - ruler);
    c.clip();
    const isDense = events.length * 2 > this.room;
    if (isDense) {
      const offset = ruler + this.offset - this.top;
      const room = lane => ({ bottom: this.lanes[lane].y + this.lanes[lane].height - 6 + offset, height: this.lanes[lane].height - 14 });
      drawDensity(c, events, e => this.x(e.index), 2, room);
    } else {
      this.drawMarks(c, events, from, to);
    }

    if (isDense) this.drawFlags(c, from, to);
    else this.drawViolations(c, from, to);
    c.restore();
    this.drawNames(c);
    this.drawRuler(c);
  },

  drawGround(c) {
    let odd = false;
    for (const l of this.lanes.filter(l => l)) {
      const y = ruler + this.offset - this.top + l.y;
      c.fillStyle = (odd = !odd) ? colours.lane : colours.ground;
      c.fillRect(0, y, this.width, l.height);
      c.strokeStyle = colours.line;
      c.lineWidth = 1;
      c.beginPath();
      c.moveTo(gutter, Math.round(this.y(l.lane.index)) + .5);
      c.lineTo(this.width, Math.round(this.y(l.lane.index)) + .5);
      c.stroke();
    }
  },

  drawMarks(c, events, from, to) {
    const r = this.radius;
    for (const e of [this.pinned, this.hovered]) {
      if (e?.shown) this.drawGuides(c, e);
    }

    this.drawBuffers(c, axis.stores.between(from, to), r);
    this.drawArrows(c, axis.arrows.between(from, to), r);
    for (const e of events) {
      const x = this.x(e.index), y = this.y(e.lane);
      c.globalAlpha = e.dim ? .15 : 1;
      if (e.violations.length || e === this.pinned || e === this.hovered) {
        c.beginPath();
        c.arc(x, y, r + 5, 0, 7);
        c.fillStyle = e === this.pinned ? colours["mark-ground"] : e.violations.length ? colours["bad-ground"] : colours.panel;
        c.fill();
        c.lineWidth = 2;
        c.strokeStyle = e.violations.length ? colours.bad : colours.accent;
        c.stroke();
      }

      if (e.kind === "fence" && e.mutation) this.drawWalls(c, e, x, y, r);
      else {
        if (e.kind !== "fence") this.drawWalls(c, e, x - r * 1.55 - 1, y, r);
        drawMark(c, e.kind, x, y, r);
      }

      this.hits.push({ x, y, r: Math.max(r + 2, 6), event: e });
    }

    if (events.length * 18 < this.room) events.forEach(e => this.drawLabel(c, e, r));
    c.globalAlpha = 1;
  },

  // The fences that stood before an access are walls on its left; one that was dropped is the gap where it stood.
  drawWalls(c, e, x, y, r) {
    if (r < 4 || !(e.fences.length || e.mutation)) return;
    c.lineWidth = Math.max(2, r / 4);
    c.strokeStyle = e.mutation ? colours.bad : colours.fence;
    if (e.mutation) c.setLineDash([3, 3]);
    c.beginPath();
    for (let i = 0; i < Math.max(e.fences.length, 1); i++) {
      c.moveTo(x - i * 4, y - r * 1.25);
      c.lineTo(x - i * 4, y + r * 1.25);
    }

    c.stroke();
    c.setLineDash([]);
  },

  // What waited in a store buffer: from the store to the moment at which all of it was visible.
  drawBuffers(c, stores, r) {
    const near = stores.length * 40 < this.room;
    for (const e of stores) {
      const x1 = this.x(e.index), first = this.x(e.store[0]), x2 = this.x(e.store[1]), y = this.bufferY(e), h = Math.max(3, Math.min(r * .7, 7));
      c.globalAlpha = e.dim ? .15 : 1;
      c.fillStyle = colours.bar;
      c.fillRect(x1 - 1, this.y(e.lane), 2, y - this.y(e.lane));
      c.fillRect(x1 - 1, y - h / 2, Math.max(first - x1, 1), h);
      c.fillStyle = colours["bar-part"];
      c.fillRect(first - 1, y - h / 2, Math.max(x2 - first, 0), h);
      if (e.visible) {
        c.fillStyle = colours.write;
        c.beginPath();
        c.moveTo(x2 - h * .8, y - h);
        c.lineTo(x2 + h * .6, y);
        c.lineTo(x2 - h * .8, y + h);
        c.fill();
      }

      this.hits.push({ x: x1, x2, y, r: Math.max(h / 2 + 2, 4), event: e });
      if (near && !e.dim) {
        c.font = "11px system-ui, 'DejaVu Sans', sans-serif";
        c.textAlign = "left";
        c.textBaseline = "middle";
        const text = e.visible ? `visible @${e.visible[1]}` : "waits", end = x2 + h + 3 + c.measureText(text).width;
        if (!stores.some(o => o !== e && o.lane === e.lane && this.bufferY(o) === y && this.x(o.index) < end + 4 && this.x(o.store[1]) > x2)) {
          haloText(c, text, x2 + h + 3, y, colours.muted);
        }
      }
    }

    c.globalAlpha = 1;
  },

  drawArrows(c, arrows, r) {
    const special = e => e === this.hovered || e === this.pinned, inView = x => x >= gutter && x <= this.width;
    const some = arrows.filter(a => inView(this.x(a.from.index)) || inView(this.x(a.to.index)) || special(a.from) || special(a.to));
    const every = Math.ceil(some.length / 3000);
    for (const [i, a] of some.entries()) {
      const strong = special(a.from) || special(a.to);
      if (i % every && !strong) continue;
      let x1 = this.x(a.from.index), y1 = this.y(a.from.lane);
      const x2 = this.x(a.to.index), y2 = this.y(a.to.lane), same = a.from.lane === a.to.lane;
      const seen = a.from.store && a.from.store[1] <= a.to.index;
      if (seen) [x1, y1] = [this.x(a.from.store[1]), this.bufferY(a.from)];
      const length = Math.hypot(x2 - x1, y2 - y1) || 1, back = r + 3, ahead = seen ? 4 : r + 2;
      c.globalAlpha = a.from.dim && a.to.dim ? .08 : strong ? 1 : length > this.room || some.length > 60 ? .35 : .8;
      c.strokeStyle = a.interrupt ? colours.message : strong ? colours.accent : colours.arrow;
      c.lineWidth = strong ? 2.5 : r > 6 ? 1.8 : 1;
      if (same && !seen) drawArrow(c, x1, y1 - r - 2, x2, y2 - r - 2, -Math.min(length * .25, 34), r);
      else {
        const dx = (x2 - x1) / length, dy = (y2 - y1) / length;
        drawArrow(c, x1 + dx * ahead, y1 + dy * ahead, x2 - dx * back, y2 - dy * back, 0, r, a.interrupt ? [6, 4] : []);
      }
    }

    c.globalAlpha = 1;
  },

  drawLabel(c, e, r) {
    const x = this.x(e.index), y = this.y(e.lane);
    const half = other => other ? Math.abs(this.x(other.index) - x) / 2 : 150;
    const room = 2 * Math.min(half(e.previous), half(e.next), x - gutter, this.width - x) - 8;
    c.globalAlpha = e.dim ? .2 : 1;
    c.textAlign = "center";
    c.textBaseline = "alphabetic";
    c.font = `600 ${r > 9 ? 14 : 12}px ui-monospace, Consolas, 'DejaVu Sans Mono', monospace`;
    const label = labelsOf(e).find(l => c.measureText(l).width <= room);
    if (label) haloText(c, label, x, y - r * 1.3 - 8, e.violations.length ? colours.bad : colours.text);
    const detail = [e.site && e.mutation ? `${e.site} ${e.mutation}` : e.site ?? e.mutation, e.status].filter(s => s).join(" · ");
    c.font = "11px system-ui, 'DejaVu Sans', sans-serif";
    if (label && detail && c.measureText(detail).width <= room && this.lanes[e.lane].height > 80) {
      haloText(c, detail, x, y - r * 1.3 - 24, e.mutation || e.status ? colours.bad : colours.muted);
    }
  },

  drawGuides(c, e) {
    c.strokeStyle = colours.accent;
    c.lineWidth = 1;
    c.globalAlpha = .55;
    for (const [place, dash] of e.store ? [[e.index, []], [e.store[1], [4, 4]]] : [[e.index, []]]) {
      c.setLineDash(dash);
      c.beginPath();
      c.moveTo(this.x(place), ruler);
      c.lineTo(this.x(place), this.height);
      c.stroke();
    }

    c.setLineDash([]);
    c.globalAlpha = 1;
  },

  // Where there are no marks, a violation is a flag in its lane.
  drawFlags(c, from, to) {
    c.fillStyle = colours.bad;
    for (const v of axis.violations.between(from, to)) {
      const x = this.x(v.later.index), l = this.lanes[v.later.lane], y = ruler + this.offset - this.top + l.y + 3, size = v === this.violation ? 2 : 1;
      c.fillRect(x - size / 2, y, size, l.height - 8);
      c.beginPath();
      polygon(c, x, y, 6 + size * 2, [[-1, -.2], [1, -.2], [0, 1.2]]);
      c.fill();
      if (v === this.violation) this.drawRule(c, v, x, y + 44, null, []);
    }
  },

  drawViolations(c, from, to) {
    const inView = axis.violations.between(from, to), r = this.radius, placed = [];
    const above = e => r * 1.3 + (r > 6 ? 26 + (e.site || e.mutation || e.status ? 14 : 0) : 4);
    inView.forEach(v => {
      const [a, b] = v.earlier.index <= v.later.index ? [v.earlier, v.later] : [v.later, v.earlier];
      const x1 = this.x(a.index), y1 = this.y(a.lane), x2 = this.x(b.index), y2 = this.y(b.lane), same = a.lane === b.lane;
      c.strokeStyle = colours.bad;
      c.lineWidth = v === this.violation ? 3 : 1.8;
      c.globalAlpha = v === this.violation || inView.length < 40 ? 1 : .5;
      const [mx, my] = same
        ? drawArrow(c, x1, y1 - above(a), x2, y2 - above(b), -Math.min(20 + Math.abs(x2 - x1) * .1, Math.max(20, this.lanes[a.lane].height * .25)), r)
        : drawArrow(c, x1, y1 + Math.sign(y2 - y1) * (r + 6), x2, y2 - Math.sign(y2 - y1) * (r + 6), Math.min(50, Math.abs(x2 - x1) / 3 + 16), r);
      c.globalAlpha = 1;
      if (v === this.violation || inView.length <= 8) this.drawRule(c, v, mx, my, same ? y1 : null, placed);
    });
  },

  // The rule, above its arrow; if there is no room above, below the marks and what waits.
  drawRule(c, v, x, y, marks, placed) {
    c.font = "600 12px system-ui, 'DejaVu Sans', sans-serif";
    const lines = wrap(v.rule, 52), width = Math.max(...lines.map(l => c.measureText(l).width)) + 16, height = lines.length * 16 + 8;
    x = Math.min(Math.max(x, gutter + width / 2 + 4), this.width - width / 2 - 4);
    y -= height / 2 + 4;
    if (y - height / 2 < ruler && marks !== null) y = marks + this.radius + 26 + height / 2;
    y = Math.min(Math.max(y, ruler + height / 2 + 4), this.height - height / 2 - 4);
    for (let i = 0; i < 12 && placed.some(p => Math.abs(p.x - x) < (p.width + width) / 2 && Math.abs(p.y - y) < (p.height + height) / 2); i++) {
      y += height + 2;
    }

    placed.push({ x, y, width, height });
    c.fillStyle = colours["bad-ground"];
    c.strokeStyle = colours.bad;
    c.lineWidth = v === this.violation ? 2 : 1;
    c.beginPath();
    c.roundRect(x - width / 2, y - height / 2, width, height, 5);
    c.fill();
    c.stroke();
    c.fillStyle = colours.bad;
    c.textAlign = "center";
    c.textBaseline = "middle";
    lines.forEach((l, i) => c.fillText(l, x, y - height / 2 + 12 + i * 16));
  },

  drawNames(c) {
    c.fillStyle = colours.panel;
    c.fillRect(0, ruler, gutter, this.height - ruler);
    c.textAlign = "left";
    c.textBaseline = "middle";
    for (const l of this.lanes.filter(l => l)) {
      const y = this.y(l.lane.index);
      c.fillStyle = l.lane.processor ? colours.accent : colours.write;
      c.fillRect(0, ruler + this.offset - this.top + l.y + 3, 4, l.height - 6);
      c.font = "600 13px system-ui, 'DejaVu Sans', sans-serif";
      c.fillStyle = colours.text;
      c.fillText(clip(c, l.lane.name, gutter - 22), 14, y - 8);
      c.font = "11px system-ui, 'DejaVu Sans', sans-serif";
      c.fillStyle = colours.muted;
      c.fillText(l.lane.processor ? "vCPU" : "function", 14, y + 9);
      if (l.rows) c.fillText("waiting stores", 14, y + Math.max(30, this.radius + 14));
    }
  },

  drawRuler(c) {
    c.fillStyle = colours.panel;
    c.fillRect(0, 0, this.width, ruler);
    c.strokeStyle = colours.line;
    c.lineWidth = 1;
    c.beginPath();
    c.moveTo(0, ruler + .5);
    c.lineTo(this.width, ruler + .5);
    c.moveTo(gutter + .5, 0);
    c.lineTo(gutter + .5, this.height);
    c.stroke();
    c.font = "11px system-ui, 'DejaVu Sans', sans-serif";
    c.textBaseline = "middle";
    c.textAlign = "left";
    c.fillStyle = colours.muted;
    c.fillText(axis.mode === "order" ? "order (sequence)" : "machine time", 14, ruler / 2);
    c.textAlign = "center";
    const widest = String(trace.events.at(-1).sequence).length * 7 + 14;
    const step = niceStep(axis.mode === "order" ? Math.max(Math.max(widest, 34) / this.scale, 1) : 110 / this.scale);
    // Events count from 1.
    const shift = axis.mode === "order" && step >= 5 ? 1 : 0;
    const end = Math.min(this.coordinate(this.width - 24), axis.end);
    for (let at = Math.ceil((Math.max(this.left, axis.start) + shift) / step) * step - shift; at < end; at += step) {
      const x = gutter + (at - this.left) * this.scale;
      if (x < gutter + 24) continue;
      c.fillText(axis.mode === "order" ? axis.shown[at]?.sequence ?? "" : formatTime(at, step), x, ruler / 2);
      c.beginPath();
      c.moveTo(x, ruler - 4);
      c.lineTo(x, ruler);
      c.stroke();
    }
  },

  hit(x, y) {
    let best = null, nearest = Infinity;
    for (const h of this.hits) {
      const dx = h.x2 === undefined ? x - h.x : x < h.x ? h.x - x : Math.max(0, x - h.x2), distance = Math.hypot(dx, y - h.y);
      if (distance <= h.r && distance < nearest) [best, nearest] = [h.event, distance];
    }

    return best;
  },
};

function niceStep(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map(f => f * power).find(s => s >= least * .999);
}

function wrap(text, width) {
  const lines = [""];
  for (const word of text.split(" ")) {
    if (lines.at(-1) && (lines.at(-1) + " " + word).length > width) lines.push("");
    lines[lines.length - 1] += (lines.at(-1) ? " " : "") + word;
  }

  return lines;
}

function clip(c, text, width) {
  if (c.measureText(text).width <= width) return text;
  let length = text.length;
  while (length > 1 && c.measureText(text.slice(0, length) + "…").width > width) length--;
  return text.slice(0, length) + "…";
}
