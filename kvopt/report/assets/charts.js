"use strict";
// Small helpers: elements, sortable tables, line charts.
kvopt.LINES = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"];

kvopt.make = (parent, name, text = "", kind = "") => {
  const element = document.createElement(name);
  if (text !== "") element.textContent = text;
  if (kind) element.className = kind;
  parent.append(element);
  return element;
};

kvopt.shown = (value) => {
  if (value === null || value === undefined) return "";
  if (typeof value !== "number") return String(value);
  if (Number.isInteger(value)) return value.toLocaleString("en");
  return Math.abs(value) >= 1000 ? value.toLocaleString("en", { maximumFractionDigits: 1 }) : value.toPrecision(5);
};

kvopt.table = (parent, columns, rows) => {
  const table = kvopt.make(kvopt.make(parent, "div", "", "scroll"), "table", "", "sortable");
  const head = kvopt.make(kvopt.make(table, "thead"), "tr");
  for (const name of columns) kvopt.make(head, "th", name || " ");
  const body = kvopt.make(table, "tbody");
  for (const row of rows) {
    const line = kvopt.make(body, "tr");
    for (const value of row) {
      const cell = kvopt.make(line, "td", kvopt.shown(value));
      if (typeof value === "number") cell.dataset.sort = value;
    }
  }
  return table;
};

kvopt.chart = (parent, options, data) => {
  const box = kvopt.make(parent, "div", "", "chart");
  const width = Math.max(280, Math.min(1100, parent.clientWidth || 900));
  const chart = new uPlot({ width, height: 220, ...options }, data, box);
  window.addEventListener("resize", () =>
    chart.setSize({ width: Math.max(280, Math.min(1100, parent.clientWidth)), height: 220 }));
  return chart;
};

kvopt.line = (label, k) => ({
  label, stroke: kvopt.LINES[k % kvopt.LINES.length], width: 1.3, points: { show: false },
  dash: k < kvopt.LINES.length ? undefined : [6, 3],
});

// Joins curves on the union of their abscissas; gaps are spanned.
kvopt.joined = (curves) => {
  const all = [...new Set(curves.flatMap((c) => c.rounds))].sort((a, b) => a - b);
  const place = new Map(all.map((t, k) => [t, k]));
  return [all, ...curves.map((c) => {
    const column = new Array(all.length).fill(undefined);
    c.rounds.forEach((t, k) => { column[place.get(t)] = c.values[k]; });
    return column;
  })];
};
