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
  // Numbers stand on the right, texts on the left of their column.
  const kinds = columns.map((_, k) => (rows.some((row) => typeof row[k] === "string") ? "text" : ""));
  columns.forEach((name, k) => kvopt.make(head, "th", name || " ", kinds[k]));
  const body = kvopt.make(table, "tbody");
  for (const row of rows) {
    const line = kvopt.make(body, "tr");
    row.forEach((value, k) => {
      const cell = kvopt.make(line, "td", kvopt.shown(value), kinds[k]);
      if (typeof value === "number") cell.dataset.sort = value;
      if (typeof value === "string" && value.length > 60) cell.classList.add("long");
    });
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

// The k-th of a number of lines. The first are the widest, so that one which
// lies under another is seen on both of its sides.
kvopt.line = (label, k, number) => ({
  label, stroke: kvopt.LINES[k % kvopt.LINES.length], points: { show: false },
  width: 1.3 + Math.min(2.2 * (number - 1 - k), 6.6),
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
