"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const main = document.getElementById("main"), nav = document.getElementById("contents");
  const { make } = kvopt;
  kvopt.ACTIONS = { start: "it runs", wait: "it waits", cancel: "it was cancelled" };
  document.getElementById("title").textContent = data.title;
  const tip = make(document.body, "div", "", "tip");

  const section = (title, k) => {
    const part = make(main, "section");
    part.id = `part-${k}`;
    make(part, "h2", title);
    const link = make(nav, "a", title.length > 60 ? `${title.slice(0, 59)}…` : title);
    link.href = `#part-${k}`;
    return part;
  };

  // Distribution functions: at each of its values, the share up to there.
  const showSteps = (part, quantity, labels, curves) => kvopt.chart(part, {
    scales: { x: { time: false } },
    axes: [{ label: quantity }, { label: "share of requests" }],
    series: [{ label: quantity }, ...labels.map((l, k) => ({
      ...kvopt.line(l, k, labels.length), spanGaps: true, paths: uPlot.paths.stepped({ align: 1 }),
    }))],
  }, kvopt.joined(curves));

  const showDistribution = (part, item) => {
    kvopt.table(part, item.columns, item.rows);
    showSteps(part, item.quantity, item.labels, item.curves);
  };

  const showScene = (part, scene) => {
    const all = scene.schedules.map((s) => new kvopt.Runs(scene, s));
    const end = Math.max(1, ...all.map((r) => r.end));
    const view = { from: 0, to: end, round: null };
    kvopt.table(part, ["schedule", "total latency", "mean", "makespan", "cancelled runs"],
      all.map((r) => [r.label, r.total, r.total / scene.arrival.length, r.end,
        r.size - scene.arrival.length]));
    make(part, "p", "Each band is a request, as high as the memory it holds; the line is the memory. "
      + "Drag or arrow keys move, wheel or + and - zoom, 0 shows all, , and . step a round, a click marks a request."
      + (all.some((r) => r.said.any) ? " Below the slider: what was decided, and why." : ""), "note");
    const lanes = all.map((runs) => {
      make(part, "h3", runs.label);
      const canvas = make(make(part, "div", "", "lane"), "canvas", "", "memory");
      canvas.tabIndex = 0;
      canvas.setAttribute("aria-label", `memory over time: ${runs.label}`);
      return new kvopt.Lane(runs, canvas);
    });
    let asked = false;
    const draw = () => {
      if (asked) return;
      asked = true;
      requestAnimationFrame(() => {
        asked = false;
        const began = performance.now();
        for (const lane of lanes) lane.draw(view.from, view.to, view.round);
        kvopt.frames.push(performance.now() - began);
      });
    };
    const show = (from, to) => {
      const wide = Math.min(Math.max(to - from, 4), end * 1.02);
      view.from = Math.min(Math.max(from, 0), Math.max(0, end * 1.02 - wide));
      view.to = view.from + wide;
      draw();
    };
    const zoom = (factor, at = (view.from + view.to) / 2) =>
      show(at - (at - view.from) * factor, at + (view.to - at) * factor);

    const bar = make(part, "div", "", "controls");
    const button = (text, label, act) => {
      const b = make(bar, "button", text);
      b.type = "button";
      b.setAttribute("aria-label", label);
      b.addEventListener("click", act);
    };
    button("−", "zoom out", () => zoom(1.6));
    button("+", "zoom in", () => zoom(1 / 1.6));
    button("all", "show all", () => show(0, end * 1.02));
    button("‹", "previous round", () => choose((view.round ?? 1) - 1));
    button("›", "next round", () => choose((view.round ?? 0) + 1));
    const slider = make(bar, "input");
    Object.assign(slider, { type: "range", min: 0, max: end, step: 1, value: 0 });
    slider.setAttribute("aria-label", "round");
    const said = make(bar, "span", "round –");
    const texts = make(part, "div", "", "rounds");
    const boxes = all.map(() => make(texts, "pre"));
    const choose = (round) => {
      view.round = Math.min(Math.max(Math.round(round), 1), end);
      slider.value = view.round;
      said.textContent = `round ${view.round}`;
      all.forEach((runs, k) => { boxes[k].textContent = describe(runs, view.round); });
      draw();
    };
    slider.addEventListener("input", () => choose(Number(slider.value)));

    const describe = (runs, round) => {
      const active = runs.active(round);
      const used = active.reduce((sum, i) => sum + runs.held(i, round), 0);
      const started = new Set(active.map((i) => runs.request[i]));
      const queue = [];
      const done = new Set();
      for (let i = 0; i < runs.size; i++)
        if (runs.completed[i] && runs.stop[i] < round) done.add(runs.request[i]);
      for (let i = 0; i < scene.arrival.length; i++)
        if (scene.arrival[i] < round && !started.has(i) && !done.has(i)) queue.push(i);
      const row = (i) => `  ${i}: prompt ${scene.prompt[i]}, output ${scene.output[i]}, arrived ${scene.arrival[i]}`;
      // Who waits, by reason: the rarest first, which holds up the others.
      const waiting = (requests) => {
        const groups = new Map();
        for (const i of requests) {
          const said = runs.said.last(i, round), text = said ? said.text : "";
          const told = said && said.belief !== null ? `${row(i)}, believed ${said.belief}` : row(i);
          if (!groups.has(text)) groups.set(text, []);
          groups.get(text).push(told);
        }
        return [...groups].sort((a, b) => a[1].length - b[1].length).flatMap(([text, rows]) => {
          if (rows.length === 1) return [text ? `${rows[0]}: ${text}` : rows[0]];
          const more = rows.length > 30 ? [`  and ${rows.length - 30} more`] : [];
          return [text ? `${rows.length} requests: ${text}` : "", ...rows.slice(0, 30), ...more];
        });
      };
      const marked = lanes[0].request;
      const past = marked < 0 ? [] : runs.said.all(marked).filter((e) => e.round < round);
      const decided = runs.said.decided(round);
      return [`${runs.label}, round ${round}`,
        `${active.length} run with ${used} of ${scene.memory} units, ${runs.waiting(round)} wait`,
        decided.length ? "decided before it:" : "",
        ...decided.slice(0, 20).map((e) => `  ${e.request} ${e.action === "start" ? "starts" : "is cancelled"}: ${e.text}`),
        decided.length > 20 ? `  and ${decided.length - 20} more` : "",
        past.length ? `request ${marked}, marked:` : "",
        ...past.slice(-8).map((e) => `  from round ${e.round} ${kvopt.ACTIONS[e.action]}: ${e.text}`),
        "waiting:", ...waiting(queue),
        "running:", ...active.slice(0, 40).map((i) =>
          `${row(runs.request[i])}, round ${round - runs.start[i]} of it, holds ${runs.held(i, round)}`),
        active.length > 40 ? `  and ${active.length - 40} more` : ""].filter((l) => l).join("\n");
    };

    lanes.forEach((lane) => {
      const { canvas, runs } = lane;
      const pointers = new Map();
      const time = (event) => {
        const box = canvas.getBoundingClientRect();
        return view.from + ((event.clientX - box.left) / box.width) * (view.to - view.from);
      };
      const under = (event) => {
        const box = canvas.getBoundingClientRect();
        return lane.at((event.clientX - box.left) * canvas.width / box.width,
          (event.clientY - box.top) * canvas.height / box.height, view.from, view.to);
      };
      let moved = 0;
      canvas.addEventListener("pointerdown", (event) => {
        canvas.setPointerCapture(event.pointerId);
        pointers.set(event.pointerId, event);
        moved = 0;
      });
      canvas.addEventListener("pointermove", (event) => {
        const before = pointers.get(event.pointerId);
        if (before && pointers.size === 1) {
          moved += Math.abs(event.clientX - before.clientX);
          const by = (time(before) - time(event));
          show(view.from + by, view.to + by);
        } else if (before && pointers.size === 2) {
          const [other] = [...pointers.entries()].filter(([id]) => id !== event.pointerId);
          const was = Math.abs(before.clientX - other[1].clientX) || 1;
          const is = Math.abs(event.clientX - other[1].clientX) || 1;
          moved += Math.abs(is - was);
          zoom(was / is, (time(event) + time(other[1])) / 2);
        }
        if (before) { pointers.set(event.pointerId, event); return; }
        const { run, round } = under(event);
        if (run < 0) { tip.style.display = "none"; return; }
        const i = runs.request[run];
        tip.textContent = `request ${i}\nprompt ${scene.prompt[i]}, output ${scene.output[i]}, arrived ${scene.arrival[i]}\n`
          + `from ${runs.start[run]} to ${runs.stop[run]}${runs.completed[run] ? "" : ", cancelled"}, waited ${runs.start[run] - scene.arrival[i]}\n`
          + `holds ${runs.held(run, round)} in round ${round}`;
        tip.style.display = "block";
        const box = tip.getBoundingClientRect();
        tip.style.left = `${Math.min(event.clientX + 14, innerWidth - box.width - 8)}px`;
        tip.style.top = `${Math.min(event.clientY + 14, innerHeight - box.height - 8)}px`;
      });
      const up = (event) => {
        if (pointers.delete(event.pointerId) && moved < 3) {
          const { run, round } = under(event);
          const request = run < 0 ? -1 : runs.request[run];
          for (const l of lanes) {
            l.request = request;
            l.chosen = request < 0 ? -1 : l.runs.request.findIndex((r, k) => r === request && l.runs.completed[k]);
          }
          choose(round);
        }
      };
      canvas.addEventListener("pointerup", up);
      canvas.addEventListener("pointercancel", (event) => pointers.delete(event.pointerId));
      canvas.addEventListener("pointerleave", () => { tip.style.display = "none"; });
      canvas.addEventListener("wheel", (event) => {
        event.preventDefault();
        zoom(event.deltaY > 0 ? 1.2 : 1 / 1.2, time(event));
      }, { passive: false });
      canvas.addEventListener("keydown", (event) => {
        const wide = view.to - view.from;
        const acts = {
          ArrowLeft: () => show(view.from - wide / 10, view.to - wide / 10),
          ArrowRight: () => show(view.from + wide / 10, view.to + wide / 10),
          "+": () => zoom(1 / 1.6), "=": () => zoom(1 / 1.6), "-": () => zoom(1.6),
          0: () => show(0, end * 1.02), Home: () => show(0, end * 1.02),
          ",": () => choose((view.round ?? 1) - 1), ".": () => choose((view.round ?? 0) + 1),
        };
        if (!acts[event.key]) return;
        event.preventDefault();
        acts[event.key]();
      });
    });
    new ResizeObserver(draw).observe(part);
    show(0, end * 1.02);
    kvopt.scenes.push({ view, lanes, show, choose });

    const use = all.map((r) => { const u = r.usage(); return { rounds: u.rounds, values: u.used }; });
    kvopt.chart(part, {
      scales: { x: { time: false } },
      axes: [{ label: "round" }, { label: "memory in use (units)", size: 70 }],
      series: [{ label: "round" }, ...all.map((r, k) => ({ ...kvopt.line(r.label, k, all.length), spanGaps: true }))],
    }, kvopt.joined(use));
    const latencies = all.map((r) => {
      const found = [];
      for (let i = 0; i < r.size; i++) if (r.completed[i]) found.push(r.stop[i] - scene.arrival[r.request[i]]);
      found.sort((a, b) => a - b);
      // Every request where there are few; else enough of them.
      const steps = Math.min(found.length, 400);
      const each = Array.from({ length: steps }, (_, k) => k + 1);
      return { rounds: each.map((k) => found[Math.ceil(k * found.length / steps) - 1]), values: each.map((k) => k / steps) };
    });
    showSteps(part, "latency (rounds)", all.map((r) => r.label), latencies);
    all.forEach((r) => {
      const rows = [];
      for (let i = 0; i < r.size; i++) if (r.completed[i]) {
        const q = r.request[i];
        rows.push([q, scene.arrival[q], scene.prompt[q], scene.output[q], r.start[i], r.stop[i],
          r.start[i] - scene.arrival[q], r.stop[i] - scene.arrival[q]]);
      }
      rows.sort((a, b) => b[7] - a[7]);
      make(part, "h3", rows.length > 200
        ? `${r.label}: the 200 requests of largest latency, of ${rows.length.toLocaleString("en")}`
        : `${r.label}: requests`);
      kvopt.table(part, ["request", "arrival", "prompt", "output", "start", "completion", "waited", "latency"], rows.slice(0, 200));
    });
  };

  data.contents.forEach((item, k) => {
    const part = section(item.title, k);
    if (item.kind === "scene") showScene(part, item);
    else if (item.kind === "table") kvopt.table(part, item.columns, item.rows);
    else if (item.kind === "distribution") showDistribution(part, item);
    else throw new Error(`unknown kind ${item.kind}`);
  });
})();
