// The trace: events as objects, what matches a search, and where each stands across.

const trace = (() => {
  const data = JSON.parse(document.getElementById("trace").textContent);
  const text = i => i < 0 ? null : data.strings[i];
  const events = data.events.map((e, index) => ({
    index, sequence: e[0], time: e[1], hostTime: e[2], thread: text(e[3]), lane: e[4], kind: data.kinds[e[5]],
    function: text(e[6]), site: text(e[7]), mutation: text(e[8]), address: e[9], length: e[10], value: e[11],
    ordering: text(e[12]), relaxed: e[13] === 1, fences: e[14].map(text), visible: e[15], status: text(e[16]),
    store: e[17], seenBy: [], from: [], violations: [],
  }));
  const arrows = data.arrows.map(a => ({ from: events[a[0]], to: events[a[1]], interrupt: a[2] === 1 }));
  for (const arrow of arrows) {
    arrow.from.seenBy.push(arrow.to);
    arrow.to.from.push(arrow.from);
  }

  const violations = data.violations.map((v, index) => ({ index, earlier: events[v[0]], later: events[v[1]], rule: v[2] }));
  violations.sort((a, b) => Math.min(a.earlier.index, a.later.index) - Math.min(b.earlier.index, b.later.index));
  violations.forEach((v, index) => {
    v.index = index;
    v.earlier.violations.push(v);
    if (v.later !== v.earlier) v.later.violations.push(v);
  });
  const lanes = data.lanes.map((l, index) => ({
    index, name: l[0], processor: l[1] === 1, shown: events.some(e => e.lane === index),
    depth: events.reduce((d, e) => e.lane === index && e.store ? Math.max(d, e.store[2] + 1) : d, 0),
  }));
  const kinds = data.kinds.map(name => ({ name, shown: true, count: events.reduce((n, e) => n + (e.kind === name), 0) }));
  return { name: data.name, leftOut: data.leftOut, model: data.model, schedule: data.schedule, seed: data.seed, events, arrows, violations, lanes, kinds };
})();

const hex = value => "0x" + value;

// The short words of an access, longest first; a label takes the longest that has room.
function labelsOf(e) {
  const letter = { read: "R", write: "W", publish: "P", update: "U" }[e.kind];
  if (e.kind === "interrupt") return [`interrupt ${e.value === null ? "" : hex(e.value)}`, e.value === null ? "irq" : hex(e.value)];
  if (e.kind === "fence") return [`fence ${e.fences.join("+")}`, e.fences.join("+"), "fence"];
  if (e.kind === "message") return [`message${e.value === null ? "" : " " + hex(e.value)}`, "msi"];
  if (e.kind === "lost" && e.value !== null) return [`${BigInt(hex(e.value))} lost`, "lost"];
  if (!e.length) return [e.kind];
  const value = e.value === null ? `${e.length} bytes` : hex(e.value);
  const is = e.value === null ? ", " : " = ";
  if (!letter) {
    const way = e.kind === "register-read" ? "read" : "write";
    return [`${way} ${e.function ?? "register"} ${hex(e.address)}${is}${value}`, `${way} ${e.function ?? "register"}`, way];
  }

  return [`${e.kind} ${hex(e.address)}${is}${value}`, `${letter} ${hex(e.address)}${is}${value}`, `${letter} ${hex(e.address)}`, `${letter} ${value}`, letter];
}

function formatTime(ns, step = 0) {
  const unit = step >= 1e9 || (!step && ns >= 1e9) ? [1e9, "s"] : step >= 1e6 || (!step && ns >= 1e6) ? [1e6, "ms"] : ns >= 1e3 ? [1e3, "µs"] : [1, "ns"];
  const digits = step ? Math.max(0, Math.ceil(Math.log10(unit[0] / step))) : 3;
  return `${(ns / unit[0]).toFixed(unit[0] === 1 ? 0 : Math.min(digits, 9))} ${unit[1]}`;
}

// A search is words, all of which have to match; WORD or FIELD:WORD.
function compileSearch(query) {
  const fields = {
    lane: e => trace.lanes[e.lane].name, kind: e => e.kind, site: e => e.site, thread: e => e.thread, status: e => e.status,
    ordering: e => e.ordering, fence: e => e.fences.join(" "), function: e => e.function, mutation: e => e.mutation,
    value: e => e.value === null ? null : hex(e.value), seq: e => e.sequence,
  };
  const textOf = e => [
    ...Object.values(fields).map(f => f(e)), e.length ? hex(e.address) : "", e.violations.length ? "violation" : "", e.relaxed ? "relaxed" : "",
  ].join(" ").toLowerCase();
  const tests = query.trim().toLowerCase().split(/\s+/).filter(word => word).map(word => {
    const [, field, rest] = /^(?:(\w+):)?(.*)$/.exec(word);
    if (field === "addr") return addressTest(rest);
    if (field === "seq") return e => String(e.sequence) === rest;
    if (field && fields[field]) return e => String(fields[field](e) ?? "").toLowerCase().includes(rest);
    return e => (e.text ??= textOf(e)).includes(word);
  });
  return tests.length ? e => tests.every(test => test(e)) : null;
}

function addressTest(range) {
  const [first, last] = range.split("-").map(a => /^(0x)?[0-9a-f]+$/.test(a) ? BigInt(a.startsWith("0x") ? a : "0x" + a) : null);
  if (first === null) return () => false;
  return e => {
    if (!e.length) return false;
    const start = BigInt(hex(e.address));
    return start <= (last ?? first) && start + BigInt(e.length) > first;
  };
}

// Spans from one place to another, so ordered that those in view are found without looking at all of them.
class Spans {
  constructor(items, begin, end) {
    this.items = items.map(item => ({ item, a: Math.min(begin(item), end(item)), b: Math.max(begin(item), end(item)) })).sort((x, y) => x.a - y.a);
    this.reach = new Float64Array(this.items.length);
    this.items.forEach((s, i) => this.reach[i] = Math.max(s.b, i ? this.reach[i - 1] : -Infinity));
  }

  between(from, to) {
    const found = [];
    for (let i = firstAtLeast(this.reach.length, i => this.reach[i], from); i < this.items.length && this.items[i].a <= to; i++) {
      if (this.items[i].b >= from) found.push(this.items[i].item);
    }

    return found;
  }
}

function firstAtLeast(count, at, value) {
  let low = 0, high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (at(middle) < value) low = middle + 1; else high = middle;
  }

  return low;
}

// Where events stand across: one table from place to coordinate, by order or by time; what is left out takes no room.
const axis = {
  mode: "order", shown: [], matching: null, only: false, x: new Float64Array(1),
  hasTime: trace.events.some(e => e.time !== trace.events[0].time),

  lay() {
    const { events, kinds, lanes } = trace;
    const kindShown = Object.fromEntries(kinds.map(k => [k.name, k.shown]));
    const isShown = e => kindShown[e.kind] && lanes[e.lane].shown && !(this.only && this.matching && !this.matching(e));
    this.shown = [];
    this.x = new Float64Array(events.length + 1);
    for (const e of events) {
      e.dim = this.matching !== null && !this.matching(e);
      e.shown = isShown(e);
      this.x[e.index] = this.mode === "order" ? this.shown.length : Math.max(e.time, e.index ? this.x[e.index - 1] : 0);
      if (e.shown) this.shown.push(e);
    }

    const n = events.length, range = n ? this.x[n - 1] - this.x[0] : 0;
    this.x[n] = this.mode === "order" ? this.shown.length : n ? this.x[n - 1] + Math.max(range / n, 1) : 1;
    const drawn = e => e.shown;
    this.stores = new Spans(events.filter(e => e.store && drawn(e)), e => this.of(e.index), e => this.of(e.store[1]));
    this.arrows = new Spans(trace.arrows.filter(a => drawn(a.from) && drawn(a.to)), a => this.of(a.from.index), a => this.of(a.to.index));
    this.violations = new Spans(trace.violations.filter(v => drawn(v.earlier) && drawn(v.later)), v => this.of(v.earlier.index), v => this.of(v.later.index));
    const last = {};
    for (const e of this.shown) {
      e.previous = last[e.lane] ?? null;
      e.next = null;
      if (e.previous) e.previous.next = e;
      last[e.lane] = e;
    }
  },

  // A place between events is so far between their coordinates.
  of(place) {
    const i = Math.min(Math.floor(place), this.x.length - 2);
    return this.x[i] + (place - i) * (this.x[i + 1] - this.x[i]);
  },

  get start() { return this.x[0]; },
  get end() { return this.x[this.x.length - 1]; },

  between(from, to) {
    const { shown, x } = this;
    const first = firstAtLeast(shown.length, i => x[shown[i].index], from);
    return shown.slice(first, firstAtLeast(shown.length, i => x[shown[i].index], to));
  },
};
