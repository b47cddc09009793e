// The strip with the whole trace: what is in view, and where the violations are.

const overview = {
  canvas: document.getElementById("overview"),
  picture: document.createElement("canvas"),
  stale: true,

  x(coordinate) { return gutter + (coordinate - axis.start + (axis.mode === "order" ? .5 : 0)) / view.span * view.room; },

  draw() {
    const { c, width, height } = prepare(this.canvas);
    if (this.stale || this.picture.width !== this.canvas.width) this.paint(width, height);
    c.drawImage(this.picture, 0, 0, width, height);
    const a = Math.max(this.x(view.left), gutter), b = Math.min(this.x(view.left + view.room / view.scale), width - 8);
    c.fillStyle = colours.accent;
    c.globalAlpha = .13;
    c.fillRect(a, 0, Math.max(b - a, 3), height);
    c.globalAlpha = 1;
    c.strokeStyle = colours.accent;
    c.lineWidth = 1.5;
    c.strokeRect(a, 1, Math.max(b - a, 3), height - 2);
  },

  paint(width, height) {
    [this.picture.width, this.picture.height] = [this.canvas.width, this.canvas.height];
    const c = this.picture.getContext("2d"), lanes = trace.lanes.filter(l => l.shown), step = (height - 10) / Math.max(lanes.length, 1);
    c.setTransform(this.canvas.width / width, 0, 0, this.canvas.width / width, 0, 0);
    c.fillStyle = colours.panel;
    c.fillRect(0, 0, width, height);
    c.fillStyle = colours.muted;
    c.font = "11px system-ui, 'DejaVu Sans', sans-serif";
    c.textBaseline = "middle";
    c.fillText("the whole trace", 14, height / 2);
    const row = Object.fromEntries(lanes.map((l, i) => [l.index, i]));
    drawDensity(c, axis.shown, e => this.x(axis.of(e.index)), 3, lane => ({ bottom: 7 + (row[lane] + 1) * step, height: Math.max(step - 1, 1) }));
    c.fillStyle = colours.bad;
    for (const v of trace.violations) {
      c.fillRect(this.x(axis.of(v.later.index)) - 1, 0, 2.5, 6);
    }

    this.stale = false;
  },
};
