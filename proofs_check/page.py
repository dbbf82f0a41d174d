"""The page of the ledger: one HTML file that needs nothing else."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from proofs_check.evidence import Verdict
from proofs_check.graph import rests_on_refuted
from proofs_check.ledger import Claim
from proofs_check.record import best

__all__ = ["write_page"]

# Blues hold and browns do not, the darker the surer: told apart by readers who
# do not tell red from green.
COLOURS = {
    Verdict.PROVED.value: "#0b4f82",
    Verdict.CONSISTENT.value: "#4a97c9",
    Verdict.REFUTED.value: "#a83c00",
    Verdict.NOT_REPRODUCED.value: "#d08a10",
    Verdict.OPEN.value: "#777777",
}
STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;
padding:0 1rem;color:#222}
article{border-left:6px solid var(--c);padding:.2rem 1rem;margin:1.2rem 0;
background:#fafafa}
h2{font-size:1.05rem;margin:.3rem 0}.v{color:#fff;background:var(--c);
padding:.1rem .5rem;border-radius:.6rem;font-size:.8rem}
dt{font-weight:600;float:left;width:7rem;clear:left}dd{margin-left:7.5rem}
code{background:#eee;padding:0 .2rem}svg{max-width:100%;height:auto}
"""
SCRIPT = """
const words=document.getElementById('words');
const verdict=document.getElementById('verdict');
function filter(){const w=words.value.toLowerCase();
for(const a of document.querySelectorAll('article')){
a.hidden=!(a.textContent.toLowerCase().includes(w)&&
(verdict.value===''||a.dataset.verdict===verdict.value));}}
words.oninput=verdict.onchange=filter;
"""


def write_page(
    path: Path,
    claims: Mapping[str, Claim],
    recorded: Mapping[str, Any],
    facts: Mapping[str, Mapping[str, Any]],
    witnesses: Path,
) -> None:
    """Write the page of all recorded claims.

    Parameters
    ----------
    path
        The file to write.
    claims
        The claims by id.
    recorded
        Their recorded verdicts.
    facts
        What the checker found in the witness files.
    witnesses
        The folder of these files.
    """
    verdicts = {
        n: best(recorded[n])["verdict"] for n in claims if n in recorded
    }
    below = rests_on_refuted(claims, verdicts)
    articles = [
        _article(claim, recorded[name], facts, witnesses, below.get(name, []))
        for name, claim in claims.items()
        if name in recorded
    ]
    options = "".join(f"<option>{v.value}</option>" for v in Verdict)
    path.write_text(
        "<!doctype html><html lang=en><meta charset=utf-8>"
        "<title>What the papers claim and what is true</title>"
        f"<style>{STYLE}</style><h1>What the papers claim and what is true"
        f"</h1><p>{len(articles)} claims. Filter: <input id=words "
        "placeholder='words'> <select id=verdict><option value=''>every "
        f"verdict</option>{options}</select></p>"
        + "".join(articles)
        + f"<script>{SCRIPT}</script></html>\n",
        "utf-8",
    )


def _article(
    claim: Claim,
    entry: Mapping[str, Any],
    facts: Mapping[str, Mapping[str, Any]],
    witnesses: Path,
    below: list[str],
) -> str:
    shown = best(entry)
    verdict = shown["verdict"]
    rows = {
        "source": claim.source,
        "model": claim.model,
        "reading": claim.reading,
        "strength": f"{claim.kind.value}; {claim.strength.value}",
        "evidence": shown["evidence"],
        "proof": claim.proof,
        "rests on": ", ".join(claim.depends_on),
        "careful": f"rests on refuted {', '.join(below)}" if below else "",
        "witnesses": "; ".join(
            f"{name}: {facts[name]['says']}"
            for name in claim.witnesses
            if name in facts
        ),
        "computed": f"{shown['seconds']} s, {entry['date']}, "
        + ", ".join(f"{k} {v}" for k, v in entry["versions"].items()),
        "history": "; ".join(
            f"{h['date']}: {h['verdict']}" for h in entry["history"]
        ),
    }
    body = "".join(
        f"<dt>{key}</dt><dd>{html.escape(value)}</dd>"
        for key, value in rows.items()
        if value
    )
    return (
        f"<article id='{claim.id}' data-verdict='{verdict}' "
        f"style='--c:{COLOURS[verdict]}'><h2>{claim.id} "
        f"<span class=v>{verdict}</span></h2>"
        f"<p>{html.escape(claim.statement)}</p>"
        f"{_picture(claim, shown, witnesses)}<dl>{body}<dt>again</dt>"
        f"<dd><code>{claim.command}</code></dd></dl></article>"
    )


def _picture(claim: Claim, shown: Mapping[str, Any], witnesses: Path) -> str:
    """Return a picture of what the verdict rests on, as SVG."""
    for name in claim.witnesses:
        document = json.loads((witnesses / name).read_text("utf-8"))
        if document["format"] == "kvopt-witness/1":
            return _profiles(document)
    if shown["interval"]:
        published, low, high = shown["interval"]
        return _axis([(low, high)], published, "measured", "published")
    if shown["largest_ratio"]:
        ratio = float(Fraction(shown["largest_ratio"]))
        bound = shown["bound"] and float(Fraction(shown["bound"]))
        return _axis([(1.0, ratio)], bound, "ratios met", "claimed bound")
    return ""


def _axis(
    bars: list[tuple[float, float]],
    mark: float | None,
    inside: str,
    outside: str,
) -> str:
    """Draw intervals on an axis, and a mark."""
    ends = [x for bar in bars for x in bar] + ([] if mark is None else [mark])
    low, high = min(ends), max(ends)
    span = (high - low) or 1.0

    def at(x: float) -> float:
        return 30 + 500 * (x - low) / span

    drawn = "".join(
        f"<rect x='{at(a):.1f}' y='12' width='{max(at(b) - at(a), 3):.1f}' "
        "height='12' fill='#4393c3'/>"
        f"<text x='{at(a):.1f}' y='40' font-size='11'>{inside} {a:.4g} to "
        f"{b:.4g}</text>"
        for a, b in bars
    )
    if mark is not None:
        x = at(mark)
        anchor = "end" if x > 280 else "start"
        drawn += (
            f"<line x1='{x:.1f}' x2='{x:.1f}' y1='6' y2='30' "
            "stroke='#a83c00' stroke-width='3'/>"
            f"<text x='{x:.1f}' y='55' font-size='11' text-anchor='{anchor}' "
            f"fill='#a83c00'>{outside} {mark:.4g}</text>"
        )
    return f"<svg viewBox='0 0 620 60' width='620'>{drawn}</svg>"


def _profiles(document: Mapping[str, Any]) -> str:
    """Draw the memory of the two schedules of a witness over time."""
    memory = document["instance"]["memory"]
    requests = document["instance"]["requests"]
    curves = {}
    for role in ("algorithm", "reference"):
        runs = document[f"{role}_schedule"]["runs"]
        last = max(run["stop"] for run in runs)
        curves[role] = [
            sum(
                requests[run["request"]]["prompt"] + t - run["start"]
                for run in runs
                if run["start"] < t <= run["stop"]
            )
            for t in range(1, min(last, 400) + 1)
        ]
    longest = max(map(len, curves.values()))
    drawn = ""
    for k, (role, curve) in enumerate(curves.items()):
        top = 14 + 75 * k
        bars = "".join(
            f"<rect x='{600 * t / longest:.1f}' "
            f"y='{top + 55 - 55 * held / memory:.1f}' "
            f"width='{600 / longest * 0.9:.2f}' "
            f"height='{55 * held / memory:.1f}' "
            f"fill='{'#d08a10' if k == 0 else '#4393c3'}'/>"
            for t, held in enumerate(curve)
        )
        drawn += (
            f"<text x='0' y='{top - 3}' font-size='11'>memory of {memory}: "
            f"{document.get('algorithm') if k == 0 else 'better schedule'}, "
            f"total latency {document[f'{role}_cost']}</text>{bars}"
            f"<line x1='0' x2='600' y1='{top}' y2='{top}' stroke='#999' "
            "stroke-dasharray='3'/>"
        )
    return f"<svg viewBox='0 0 620 150' width='620'>{drawn}</svg>"
