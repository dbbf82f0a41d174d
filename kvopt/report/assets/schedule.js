"use strict";
// The memory of a schedule over time: every running request is a band, as
// high as what it holds. Bands lie on each other in order of their starts.
window.kvopt = { frames: [], scenes: [] };

kvopt.colourOf = (() => {
  const made = new Map();
  return (request) => {
    let colour = made.get(request);
    if (colour === undefined) {
      // Steps of the golden angle: neighbours differ.
      const h = (request * 137.508) % 360, l = 0.48 + 0.18 * ((request * 7) % 3) / 2;
      const f = (n) => {
        const k = (n + h / 30) % 12;
        return Math.round(255 * (l - 0.55 * Math.min(l, 1 - l) * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
      };
      colour = (255 << 24) | (f(4) << 16) | (f(8) << 8) | f(0);
      made.set(request, colour);
    }
    return colour;
  };
})();

// One schedule, with its runs in order of their starts.
kvopt.Runs = class {
  constructor(scene, schedule) {
    this.scene = scene;
    this.label = schedule.label;
    this.total = schedule.total;
    this.request = Int32Array.from(schedule.request);
    this.start = Float64Array.from(schedule.start);
    this.stop = Float64Array.from(schedule.stop);
    this.completed = Uint8Array.from(schedule.completed, (c) => (c ? 1 : 0));
    this.size = this.request.length;
    this.longest = 0;
    this.end = 0;
    for (let i = 0; i < this.size; i++) {
      this.longest = Math.max(this.longest, this.stop[i] - this.start[i]);
      this.end = Math.max(this.end, this.stop[i]);
    }
    this.said = kvopt.reasonsOf(schedule.reasons);
    this.arrivals = Float64Array.from(scene.arrival).sort();
    this.ends = Float64Array.from(
      schedule.stop.filter((_, i) => schedule.completed[i])).sort();
  }
  // The number of runs with a start below the round.
  before(round) {
    let low = 0, high = this.size;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.start[middle] < round) low = middle + 1; else high = middle;
    }
    return low;
  }
  // The runs that are active in a round, in order of their starts.
  active(round) {
    const found = [];
    for (let i = this.before(round - this.longest); i < this.size && this.start[i] < round; i++)
      if (this.stop[i] >= round) found.push(i);
    return found;
  }
  held(i, round) { return this.scene.prompt[this.request[i]] + round - this.start[i]; }
  // Units in use in the rounds in which it is most: the last before an end.
  usage() {
    const events = [];
    for (let i = 0; i < this.size; i++) {
      const constant = this.scene.prompt[this.request[i]] - this.start[i];
      events.push([this.start[i], 1, constant], [this.stop[i], -1, -constant]);
    }
    events.sort((a, b) => a[0] - b[0]);
    const rounds = [], used = [];
    let active = 0, constant = 0;
    for (let k = 0; k < events.length;) {
      const at = events[k][0];
      if (active) { rounds.push(at); used.push(constant + active * at); }
      for (; k < events.length && events[k][0] === at; k++) {
        active += events[k][1];
        constant += events[k][2];
      }
      rounds.push(at + 1);
      used.push(active ? constant + active * (at + 1) : 0);
    }
    return { rounds, used };
  }
  // Requests that have arrived, by a round, and neither run nor are done.
  waiting(round) {
    const at = (sorted) => {
      let low = 0, high = sorted.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (sorted[middle] < round) low = middle + 1; else high = middle;
      }
      return low;
    };
    return at(this.arrivals) - at(this.ends) - this.active(round).length;
  }
};

// Draws one schedule between two times on a canvas.
kvopt.Lane = class {
  constructor(runs, canvas) {
    this.runs = runs;
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    // The run and the request that are marked.
    this.chosen = -1;
    this.request = -1;
  }
  fit() {
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    const box = this.canvas.getBoundingClientRect();
    const width = Math.max(50, Math.round(box.width * ratio));
    const height = Math.max(50, Math.round(box.height * ratio));
    if (this.canvas.width !== width || this.canvas.height !== height || !this.image) {
      this.canvas.width = width;
      this.canvas.height = height;
      this.image = this.context.createImageData(width, height);
      this.pixels = new Uint32Array(this.image.data.buffer);
    }
    this.top = Math.round(12 * ratio);
    this.bottom = height - Math.round(20 * ratio);
    this.ratio = ratio;
  }
  draw(from, to, round) {
    this.fit();
    const { runs, pixels } = this, width = this.canvas.width;
    const scale = (this.bottom - this.top) / runs.scene.memory;
    pixels.fill(0xffffffff);
    let active = [], next = 0, last = -1, leaves = Infinity;
    for (let x = 0; x < width; x++) {
      const now = Math.floor(from + (x * (to - from)) / width) + 1;
      if (now < 1) continue;
      if (now !== last) {
        if (last < 0) {
          active = runs.active(now);
          next = runs.before(now);
        } else {
          while (next < runs.size && runs.start[next] < now) active.push(next++);
        }
        if (now > leaves || last < 0 || active.length)
          active = active.filter((i) => runs.stop[i] >= now);
        leaves = Infinity;
        for (const i of active) leaves = Math.min(leaves, runs.stop[i]);
        last = now;
      }
      let base = 0;
      for (const i of active) {
        const above = base + runs.held(i, now);
        const low = Math.round(this.bottom - base * scale);
        const high = Math.round(this.bottom - above * scale);
        let colour = i === this.chosen ? 0xff000000 : kvopt.colourOf(runs.request[i]);
        const lost = !runs.completed[i];
        for (let y = low - 1, p = (low - 1) * width + x; y >= high; y--, p -= width)
          // Cancelled runs are hatched.
          pixels[p] = lost && ((x + y) & 7) < 3 ? 0xffffffff : colour;
        // A thin edge where there is room for one.
        if (low - high > 3) pixels[high * width + x] = 0xffffffff;
        base = above;
      }
    }
    this.context.putImageData(this.image, 0, 0);
    this.frame(from, to, round, scale);
  }
  frame(from, to, round, scale) {
    const c = this.context, width = this.canvas.width, r = this.ratio;
    c.lineWidth = r;
    c.strokeStyle = "#d55e00";
    const limit = Math.round(this.bottom - this.runs.scene.memory * scale) - 0.5;
    c.beginPath(); c.moveTo(0, limit); c.lineTo(width, limit); c.stroke();
    if (round !== null) {
      const left = ((round - 1 - from) / (to - from)) * width, wide = width / (to - from);
      c.fillStyle = "rgba(0,0,0,0.18)";
      c.fillRect(left, 0, Math.max(wide, 1.5 * r), this.bottom);
    }
    c.fillStyle = "#222";
    c.font = `${11 * r}px system-ui, sans-serif`;
    c.textBaseline = "bottom";
    const step = kvopt.nice((to - from) / 8);
    for (let t = Math.ceil(from / step) * step; t <= to; t += step) {
      const x = ((t - from) / (to - from)) * width;
      c.fillRect(x, this.bottom, r, 4 * r);
      const text = String(Math.round(t)), fits = x + 3 * r + c.measureText(text).width <= width;
      c.textAlign = fits ? "left" : "right";
      c.fillText(text, fits ? x + 3 * r : x - 3 * r, this.canvas.height - 2 * r);
    }
  }
  // The run under a point of the canvas, or -1; and the round there.
  at(x, y, from, to) {
    const round = Math.floor(from + (x / this.canvas.width) * (to - from)) + 1;
    const scale = (this.bottom - this.top) / this.runs.scene.memory;
    const level = (this.bottom - y) / scale;
    let base = 0;
    if (level >= 0)
      for (const i of this.runs.active(round)) {
        base += this.runs.held(i, round);
        if (level < base) return { run: i, round };
      }
    return { run: -1, round };
  }
};

kvopt.nice = (about) => {
  const power = 10 ** Math.floor(Math.log10(Math.max(about, 1)));
  for (const factor of [1, 2, 5, 10]) if (factor * power >= about) return factor * power;
  return 10 * power;
};

// What a policy said of each request, in the order of its decisions.
kvopt.reasonsOf = (columns) => {
  const of = new Map(), at = new Map();
  columns.request.forEach((request, k) => {
    const entry = {
      request, round: columns.round[k], action: columns.action[k],
      belief: columns.belief[k], text: columns.texts[columns.text[k]],
    };
    if (!of.has(request)) of.set(request, []);
    of.get(request).push(entry);
    if (!at.has(entry.round)) at.set(entry.round, []);
    at.get(entry.round).push(entry);
  });
  return {
    any: columns.request.length > 0,
    // Everything that was said of a request.
    all: (request) => of.get(request) ?? [],
    // What started or was cancelled before a round.
    decided: (round) => (at.get(round - 1) ?? []).filter((e) => e.action !== "wait"),
    // What holds of a request in a round: said at the last decision before it.
    last: (request, round) => {
      let found = null;
      for (const entry of of.get(request) ?? []) {
        if (entry.round >= round) break;
        found = entry;
      }
      return found;
    },
  };
};
