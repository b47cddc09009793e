// Colours and shapes.

const colours = {};

const colourNames = ["ground", "panel", "lane", "line", "text", "muted", "accent", "bad", "bad-ground", "arrow", "bar", "bar-part", "mark-ground"];

function readColours() {
  const style = getComputedStyle(document.documentElement);
  for (const name of [...colourNames, ...trace.kinds.map(k => k.name)]) {
    colours[name] = style.getPropertyValue("--" + name).trim();
  }
}

// An event's mark: filled if it changes something, hollow if it looks.
function drawMark(c, kind, x, y, r) {
  c.beginPath();
  c.fillStyle = c.strokeStyle = colours[kind];
  c.lineWidth = Math.max(1.5, r / 4);
  switch (kind) {
    case "read":
      c.arc(x, y, r - 1, 0, 7);
      c.fillStyle = colours.ground;
      break;
    case "write":
      c.rect(x - r * .85, y - r * .85, r * 1.7, r * 1.7);
      break;
    case "publish":
      polygon(c, x, y, r, [[-.85, -.85], [.4, -.85], [1.25, 0], [.4, .85], [-.85, .85]]);
      break;
    case "update":
      c.arc(x, y, r - 1, 0, 7);
      c.moveTo(x + r * .35, y);
      c.arc(x, y, r * .35, 0, 7, true);
      break;
    case "message":
      polygon(c, x, y, r, [[-1.1, -.75], [1.1, -.75], [1.1, .75], [-1.1, .75]]);
      c.fill();
      c.beginPath();
      c.strokeStyle = colours.ground;
      polygon(c, x, y, r, [[-1, -.7], [0, .15], [1, -.7]], false);
      c.stroke();
      return;
    case "fence":
      c.rect(x - Math.max(1.2, r * .22), y - r * 1.3, Math.max(2.4, r * .44), r * 2.6);
      break;
    case "register-read":
      polygon(c, x, y, r, [[-1, -.8], [1, -.8], [0, 1]]);
      c.fillStyle = colours.ground;
      break;
    case "register-write":
      polygon(c, x, y, r, [[-1, -.8], [1, -.8], [0, 1]]);
      break;
    case "raise":
      polygon(c, x, y, r, [[0, -1.1], [.9, 0], [.3, 0], [.3, 1], [-.3, 1], [-.3, 0], [-.9, 0]]);
      break;
    case "lower":
      polygon(c, x, y, r, [[0, 1.1], [.9, 0], [.3, 0], [.3, -1], [-.3, -1], [-.3, 0], [-.9, 0]]);
      c.fillStyle = colours.ground;
      break;
    case "lost":
      polygon(c, x, y, r, [[-.9, -.9], [.9, .9]], false);
      polygon(c, x, y, r, [[.9, -.9], [-.9, .9]], false);
      break;
    default: // interrupt: lightning
      polygon(c, x, y, r, [[.25, -1.25], [-.8, .2], [-.1, .2], [-.3, 1.25], [.85, -.3], [.1, -.3]]);
  }

  c.fill();
  c.stroke();
}

function polygon(c, x, y, r, points, close = true) {
  points.forEach(([dx, dy], i) => i ? c.lineTo(x + dx * r, y + dy * r) : c.moveTo(x + dx * r, y + dy * r));
  if (close) c.closePath();
}

// A curve from one point to another with a head, and the middle of it.
function drawArrow(c, x1, y1, x2, y2, bend, head, dash = []) {
  const mx = (x1 + x2) / 2, my = (y1 + y2) / 2, length = Math.hypot(x2 - x1, y2 - y1) || 1;
  const cx = mx - (y2 - y1) / length * bend, cy = my + (x2 - x1) / length * bend;
  const angle = Math.atan2(y2 - cy, x2 - cx);
  c.setLineDash(dash);
  c.beginPath();
  c.moveTo(x1, y1);
  c.quadraticCurveTo(cx, cy, x2, y2);
  c.stroke();
  c.setLineDash([]);
  c.beginPath();
  c.moveTo(x2 - head * Math.cos(angle - .42), y2 - head * Math.sin(angle - .42));
  c.lineTo(x2, y2);
  c.lineTo(x2 - head * Math.cos(angle + .42), y2 - head * Math.sin(angle + .42));
  c.stroke();
  return [(x1 + 2 * cx + x2) / 4, (y1 + 2 * cy + y2) / 4];
}

// Text with the ground's colour around it, so that lines behind it do not run into it.
function haloText(c, string, x, y, colour) {
  c.lineWidth = 4;
  c.lineJoin = "round";
  c.strokeStyle = colours.ground;
  c.strokeText(string, x, y);
  c.fillStyle = colour;
  c.fillText(string, x, y);
}

// A canvas in device pixels, drawn in CSS pixels.
function prepare(canvas) {
  const ratio = window.devicePixelRatio || 1, { clientWidth: width, clientHeight: height } = canvas;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }

  const c = canvas.getContext("2d");
  c.setTransform(ratio, 0, 0, ratio, 0, 0);
  c.clearRect(0, 0, width, height);
  return { c, width, height };
}

// Where events stand too close for marks: how many there are, a column a few pixels wide.
function drawDensity(c, events, x, columnWidth, laneAt) {
  const columns = new Map();
  let most = 1;
  for (const e of events) {
    const key = Math.floor(x(e) / columnWidth) * 1024 + e.lane;
    let column = columns.get(key);
    if (!column) columns.set(key, column = { total: 0, kinds: {} });
    column.kinds[e.kind] = (column.kinds[e.kind] ?? 0) + (e.dim ? .12 : 1);
    column.total += 1;
    most = Math.max(most, column.total);
  }

  for (const [key, column] of columns) {
    const left = Math.floor(key / 1024) * columnWidth, lane = laneAt(key - Math.floor(key / 1024) * 1024);
    const full = lane.height * Math.sqrt(column.total / most);
    let y = lane.bottom;
    for (const kind in column.kinds) {
      const h = full * column.kinds[kind] / column.total;
      c.fillStyle = colours[kind];
      c.fillRect(left, y - h, Math.max(columnWidth - .5, 1), h);
      y -= h;
    }
  }
}
