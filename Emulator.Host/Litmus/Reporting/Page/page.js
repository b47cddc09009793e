// Of the address, #NAME chooses a test, #NAME/ORDERING/MODEL a cell.

const results = JSON.parse(document.getElementById("results").textContent);
const id = name => document.getElementById(name);

// An element with attributes and content; text is text, never markup.
function make(tag, attributes = {}, ...content) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element[name] = value;
    else if (value !== null && value !== false) element.setAttribute(name, value);
  }

  element.append(...content);
  return element;
}

const meanings = {
  "2+2W": "two writers of two locations: may each location keep its first value?",
  "3.SB": "store buffering, three columns in a ring",
  "CoRR": "coherence: two reads of one location never go backwards",
  "CoRW": "coherence: a read never sees the later write of its own column",
  "CoWR": "coherence: a read sees its own column's write or a later one",
  "CoWW": "coherence: writes to one location stay in order",
  "IRIW": "independent reads of independent writes: do two readers agree?",
  "ISA2": "message passing through a third: data, flag, interrupt or second flag",
  "LB": "load buffering: each reads what the other writes afterwards",
  "MP": "message passing: the flag is seen, the data is not",
  "R": "the last word is the other's, and it read old data",
  "RMW": "locked instructions",
  "S": "the flag is seen, and the flag's writer still has the last word",
  "SB": "store buffering: each writes its own, reads the other's, and finds it old",
  "TEAR": "a bulk copy comes in pieces",
  "W+RWC": "a write, and read-to-write causality",
  "WRC": "write-to-read causality: told by another, and still old",
};

// The shape is what stands before the first part of the name in lower case.
const shape = test => test.name.replace(/\+[a-z].*$/, "");

const letters = { Never: "–", Sometimes: "S", Always: "A" };
const cellOf = (test, ordering, model) => test.cells.find(c => c.ordering === ordering && c.model === model);
const find = name => results.tests.find(t => t.name === name);
let chosen = { test: null, cell: null };

function mark(test, cell) {
  const letter = cell.observation === "Never" && !cell.complete ? "·" : letters[cell.observation];
  return make("i", {
    class: `${cell.met ? cell.observation : "wrong"}${cell === chosen.cell ? " here" : ""}`,
    tabindex: 0,
    role: "button",
    "aria-label": `${test.name}, ${cell.ordering}, ${cell.model}: ${cell.observation}${cell.met ? "" : ", not as expected"}`,
    onclick: event => { event.stopPropagation(); choose(test, cell); },
    onkeydown: event => { if (event.key === "Enter") choose(test, cell); },
    onmouseenter: event => showTip(event.target, test, cell),
    onmouseleave: hideTip,
  }, cell.met ? letter : letter + "!");
}

function drawMatrix() {
  const apart = i => i === 0 ? "apart" : null;
  const head = make("thead", {},
    make("tr", {}, make("th"), ...results.models.map(m => make("th", { colspan: results.orderings.length, class: "apart" }, m))),
    make("tr", {}, make("th"), ...results.models.flatMap(() => results.orderings.map((o, i) => make("th", { class: apart(i) }, o)))));
  const body = make("tbody");
  let last = null;
  for (const test of results.tests.filter(isShown)) {
    if (shape(test) !== last) {
      last = shape(test);
      body.append(make("tr", { class: "shape" },
        make("td", { colspan: 1 + results.models.length * results.orderings.length }, make("b", {}, last), meanings[last] ?? "")));
    }

    const row = make("tr", { class: "test", "data-test": test.name },
      make("th", { scope: "row", title: test.description, onclick: () => choose(test, null) }, test.name));
    for (const model of results.models) {
      results.orderings.forEach((ordering, i) => {
        const cell = cellOf(test, ordering, model);
        row.append(make("td", { class: i === 0 ? "cell apart" : "cell" }, cell ? mark(test, cell) : ""));
      });
    }

    body.append(row);
  }

  if (!body.children.length) body.append(make("tr", { class: "shape" }, make("td", {}, "No test is like that.")));
  id("matrix").replaceChildren(head, body);
  markChosen();
}

function isShown(test) {
  const words = id("filter").value.toLowerCase().split(/\s+/);
  return words.every(w => `${test.name} ${test.description}`.toLowerCase().includes(w))
    && (!id("decides").checked || results.models.some(m => new Set(test.cells.filter(c => c.model === m).map(c => c.observation)).size > 1))
    && (!id("wrong").checked || test.cells.some(c => !c.met));
}

function markChosen() {
  for (const row of document.querySelectorAll("tr.test")) {
    const isHere = row.dataset.test === chosen.test?.name;
    row.classList.toggle("here", isHere);
    row.querySelectorAll("i").forEach(i => i.classList.remove("here"));
    if (isHere && chosen.cell) {
      const at = results.models.indexOf(chosen.cell.model) * results.orderings.length + results.orderings.indexOf(chosen.cell.ordering);
      row.querySelectorAll("td.cell")[at].firstChild.classList.add("here");
    }
  }
}

function choose(test, cell) {
  show(test, cell);
  const place = !test ? "" : [test.name, ...(cell ? [cell.ordering, cell.model] : [])].map(encodeURIComponent).join("/");
  history.replaceState(null, "", place ? "#" + place : location.pathname + location.search);
}

function show(test, cell) {
  chosen = { test, cell };
  markChosen();
  drawDetails();
}

function drawDetails() {
  const { test, cell } = chosen;
  id("details").className = test ? "" : "empty";
  if (!test) {
    id("details").replaceChildren(make("p", { class: "hint" },
      "Click a test for its columns, a cell for what came up in it. The arrow keys go on from there; Esc puts it away."));
    return;
  }

  id("details").replaceChildren(
    make("h3", {}, test.name),
    make("div", { class: "file" }, test.file),
    make("p", {}, test.description),
    make("table", { class: "program" },
      make("thead", {}, make("tr", {}, ...test.columns.map((name, i) => make("th", {}, name + " ", make("small", {}, test.kinds[i]))))),
      make("tbody", {}, ...test.rows.map(row => make("tr", {}, ...row.map(text => make("td", {}, text)))))),
    make("div", { class: "asks" }, make("span", {}, "from "), make("code", {}, test.initial)),
    make("div", { class: "asks" }, make("code", {}, test.condition)),
    make("table", { class: "mini" },
      make("thead", {}, make("tr", {}, make("th"), ...results.orderings.map(o => make("th", {}, o)))),
      make("tbody", {}, ...results.models.map(m => make("tr", {}, make("th", {}, m),
        ...results.orderings.map(o => make("td", { class: "cell" }, cellOf(test, o, m) ? mark(test, cellOf(test, o, m)) : "")))))),
    ...(cell ? cellDetails(test, cell) : []));
}

function verdict(cell) {
  return !cell.met ? make("span", { class: "chip bad" }, cell.disagreement ? "the written model disagrees" : `${cell.expected} was expected`)
    : cell.expected ? make("span", { class: "chip good" }, "as expected")
    : make("span", { class: "chip open" }, "nothing expected");
}

function cellDetails(test, cell) {
  const most = Math.max(...cell.states.map(s => s[0]));
  return [
    make("h4", {}, `${cell.ordering}, ${cell.model}: ${cell.observation}`, verdict(cell)),
    make("div", { class: "extent" }, cell.extent),
    make("table", { class: "states" }, make("tbody", {}, ...cell.states.map(([count, holds, ...values]) => make("tr", { class: holds ? "holds" : null },
      make("td", {}, `${count.toLocaleString("en")} ${holds ? "*>" : ":>"}`),
      make("td", {}, outcome(test, values)),
      make("td", {}, bar(count / most)))))),
    make("div", { class: "command" }, make("code", {}, ...words(cell.command)), make("button", { onclick: event => copy(event.target, cell.command) }, "Copy")),
    ...(cell.disagreement ? [make("pre", {}, cell.disagreement)] : []),
  ];
}

// A word with dashes stays in one piece.
const words = command => command.split(/(?= )/).map(word => make("span", {}, word));

function bar(share) {
  const element = make("div", { class: "bar" });
  element.style.width = `${100 * share}%`;
  return element;
}

const outcome = (test, values) => test.variables.map((name, i) => `${name}=${values[i]}`).join("; ");

function copy(button, text) {
  const range = document.createRange();
  range.selectNodeContents(button.previousSibling);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
  // Of a page from a file, some browsers allow only the older way.
  const done = () => button.textContent = "Copied";
  if (navigator.clipboard) navigator.clipboard.writeText(text).then(done, () => document.execCommand("copy") && done());
  else if (document.execCommand("copy")) done();
}

function showTip(target, test, cell) {
  const lines = [`${test.name}, ${cell.ordering} ${cell.model}: ${cell.observation}`, cell.extent, ""];
  const width = Math.max(...cell.states.map(s => `${s[0]}`.length));
  for (const [count, holds, ...values] of cell.states.slice(0, 12)) lines.push(`${`${count}`.padStart(width)} ${holds ? "*>" : ":>"} ${outcome(test, values)}`);
  if (cell.states.length > 12) lines.push("…");
  const tip = id("tip"), place = target.getBoundingClientRect();
  tip.textContent = lines.join("\n");
  tip.hidden = false;
  tip.style.left = `${Math.min(place.left, innerWidth - tip.offsetWidth - 12)}px`;
  tip.style.top = `${place.bottom + 6 + tip.offsetHeight > innerHeight ? place.top - 6 - tip.offsetHeight : place.bottom + 6}px`;
}

function hideTip() { id("tip").hidden = true; }

// Left and right go through the cells of a test, up and down through the tests that are shown.
function move(key) {
  const tests = results.tests.filter(isShown), at = tests.indexOf(chosen.test);
  if (at < 0) return;
  if (key === "ArrowUp" || key === "ArrowDown") {
    const test = tests[at + (key === "ArrowUp" ? -1 : 1)];
    if (test) choose(test, chosen.cell && (cellOf(test, chosen.cell.ordering, chosen.cell.model) ?? null));
  } else {
    const cells = results.models.flatMap(m => results.orderings.map(o => cellOf(chosen.test, o, m))).filter(c => c);
    const cell = cells[cells.indexOf(chosen.cell) + (key === "ArrowLeft" ? -1 : 1)];
    if (cell) choose(chosen.test, cell);
  }

  document.querySelector("tr.here")?.scrollIntoView({ block: "nearest" });
}

onkeydown = event => {
  if (event.target === id("filter") || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === "Escape") choose(null, null);
  else if (event.key === "/") id("filter").focus();
  else if (event.key.startsWith("Arrow") && chosen.test) move(event.key);
  else return;
  event.preventDefault();
};

// Without one, an example to begin with.
function fromAddress() {
  const [name, ordering, model] = (location.hash.slice(1) || "MP+dma/relaxed/weak").split("/").map(decodeURIComponent);
  const test = find(name) ?? null;
  show(test, test && (cellOf(test, ordering, model) ?? null));
}

const count = (number, what) => `${number.toLocaleString("en")} ${what}${number === 1 ? "" : "s"}`;
const cells = results.tests.flatMap(t => t.cells), wrong = cells.filter(c => !c.met).length;
id("verdict").append(
  `${count(results.tests.length, "test")}, ${count(cells.length, "cell")}, ${count(cells.reduce((sum, c) => sum + c.executions, 0), "execution")} `,
  make("span", { class: wrong ? "chip bad" : "chip good" }, wrong ? `${wrong} not as expected` : "all as expected"));
id("processor").textContent = results.processor;
for (const [kind, letter, meaning, hint] of [
  ["", "–", "never", "Every execution there is was made"], ["", "·", "not seen", "In a sample"],
  ["Sometimes", "S", "sometimes"], ["Always", "A", "always"], ["wrong", "!", "not as expected"],
]) {
  id("legend").append(make("span", { title: hint ?? null }, make("i", { class: kind }, letter), meaning));
}

for (const name of ["filter", "decides", "wrong"]) id(name).oninput = drawMatrix;
onhashchange = fromAddress;
onscroll = hideTip;
drawMatrix();
fromAddress();
