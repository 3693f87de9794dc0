"""The top of the page: verdict, cause with the history of what the clause reads, and the scope after minimisation."""

from __future__ import annotations

from collections.abc import Iterator

from checker.report.html.markup import Child, Markup, between, el, join
from checker.report.html.words import link, pairs, section
from checker.report.style import Style, inert
from checker.report.trace_text import VERDICTS, verdict
from checker.trace.trace import Read, Trace

EARLIER = 6
"""Changes of a cell that its history shows, the last ones."""

READS = 8
"""Cells that the clause reads which are shown at once, those written last."""

_ORDERS = {
    "real": "Found in an arbitrary order and again in the real order, which is shown.",
    "dependent": "Order-dependent: the real order was not found to show it.",
    "undecided": "Order-dependent, perhaps: the search for a real order that shows it was given up.",
}


def kind(trace: Trace) -> str:
    """What sort of run this is, in words that begin a line."""
    said = VERDICTS.get(trace.exit, "violation") if trace.exit else "a run that violates nothing"
    return said[:1].upper() + said[1:]


def title(trace: Trace) -> str:
    """The page's title."""
    what = f"{inert(trace.property)} {inert(trace.name)}: {inert(trace.clause)}" if trace.exit else kind(trace)
    return f"{what} ({inert(trace.scope.scenario)})"


def header(trace: Trace) -> Markup:
    """What is violated, by which values, and how long the run is."""
    lines = verdict(trace, Style())
    length = lines[1].partition("; ")[2] if len(lines) > 1 else f"{len(trace.steps)} steps"
    broken = trace.exit != 0
    heading: list[Child] = [el("span", kind(trace), class_="kind")]
    if broken:
        heading += [
            " ",
            el("span", inert(trace.property), class_="id"),
            " ",
            f"{inert(trace.name)}: ",
            el("em", inert(trace.clause)),
        ]
    facts = [("scenario", trace.scope.scenario), *([("variant", trace.scope.variant)] if trace.scope.variant else [])]
    facts += [("exit code", str(trace.exit)), ("steps", str(len(trace.steps)))]
    return el(
        "header",
        el("h1", heading),
        pairs(trace.witness, "witness") if trace.witness and not trace.stuck else None,
        pairs(facts, "facts"),
        el("p", length[:1].upper() + length[1:] + ".", class_="length"),
        el("p", _order(trace), class_="length") if trace.order in _ORDERS else None,
        el("p", f"Thrown at {inert(trace.place)}.", class_="length") if trace.place else None,
        el("p", trace.meaning, " ", el("code", inert(trace.definition)), class_="meaning") if trace.meaning else None,
        class_="bad" if broken else "good",
    )


def _order(trace: Trace) -> str:
    if trace.loop is not None and trace.order == "undecided":
        return "Order-dependent, perhaps: a lasso is not looked for again in the real order."
    return _ORDERS[trace.order]


def cause(trace: Trace) -> Markup | None:
    """Which step made the clause false, and what the clause reads, with its history."""
    if trace.cause is None:
        return None
    rows = [
        el("tr", el("th", inert(r.cell), scope="row"), el("td", el("b", inert(r.value))), el("td", _history(trace, r)))
        for r in trace.cause.reads
    ]
    more = None
    if len(rows) > READS + 1:
        rest = el("div", _reads(rows[READS:]), class_="scroll")
        more = el("details", el("summary", f"{len(rows) - READS} more cells that it reads"), rest)
        rows = rows[:READS]
    table = el("div", _reads(rows), class_="scroll") if rows else None
    return section("cause", "Cause", el("p", trace.cause.sentence, class_="sentence"), table, more)


def _reads(rows: list[Markup]) -> Markup:
    head = el("thead", el("tr", [el("th", name, scope="col") for name in ("the clause reads", "value", "history")]))
    return el("table", head, el("tbody", rows))


def _history(trace: Trace, read: Read) -> list[Child]:
    """The values that a cell had, each with the step that wrote it."""
    first = next((v for cell, v in trace.initial if cell == read.cell), None)
    written = [(s.index, c.after) for s in trace.steps for c in s.changed if c.cell == read.cell]
    known: list[Child] = [join(inert(first), " at first")] if first is not None else []
    known += [join(inert(value), " by ", link(step)) for step, value in written]
    return between(", then ", ["…", *known[-EARLIER:]] if len(known) > EARLIER else known)


def scope(trace: Trace) -> Markup:
    """Where the run takes place, and what minimising made smaller."""
    of = trace.scope
    values = dict(of.parameters)
    facts: list[tuple[str, object]] = [("threads", ", ".join(inert(t) for t in of.threads)), ("atomicity", of.atomicity)]
    facts += [("without", ", ".join(inert(f) for f in of.without))] if of.without else []
    facts += [(name, values.get(name, "")) for name in of.settings]
    every = pairs(of.parameters)
    return section(
        "scope",
        "Scope",
        join(_minimised(trace)),
        pairs(facts),
        el("details", el("summary", f"all parameters ({len(of.parameters)})"), every) if of.parameters else None,
    )


def _minimised(trace: Trace) -> Iterator[Markup]:
    m = trace.minimised
    if m is None:
        return
    smaller = [r for r in m.reductions if r.before != r.after]
    if smaller:
        yield pairs([(r.name, f"{r.before} → {r.after}") for r in smaller])
    proof = "minimal: every single reduction was tried again" if m.minimal else f"perhaps not minimal: stopped by {m.stopped}"
    start = "Minimised" if smaller else "Nothing could be made smaller"
    yield el("p", f"{start}; {m.tries:,} tries, {m.search_steps:,} search steps; {proof}.")
