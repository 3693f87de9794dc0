"""The lower part of the page: last state, loop, who waits, why each step is needed, and how to run it again."""

from __future__ import annotations

from checker.report.html.look import Look
from checker.report.html.markup import Child, Markup, between, el, join
from checker.report.html.strip import picture
from checker.report.html.words import link, pairs, section
from checker.report.style import inert, inert_line
from checker.report.text_lasso import after_steps, head
from checker.trace.trace import Need, Trace


def last_state(trace: Trace, look: Look) -> Markup | None:
    """The picture of the state that the run ends in."""
    if not trace.pictures or not trace.pictures[-1]:
        return None
    return section("last", f"Last state ({len(trace.steps)})", picture(trace.pictures[-1], look))


def loop(trace: Trace) -> Markup | None:
    """How a lasso goes round, and how its loop treats each fair thread."""
    if trace.loop is None:
        return None
    rows = [
        el(
            "tr",
            el("th", inert(f.thread), scope="row"),
            el("td", "throughout" if f.enabled_always else "not always"),
            el("td", "takes steps" if f.taken else "takes none"),
        )
        for f in trace.fairness
    ]
    columns = el("thead", el("tr", [el("th", name, scope="col") for name in ("fair to", "enabled", "in the loop")]))
    ends = next(line.strip() for line in after_steps(trace) if line).removeprefix("loop: ")
    said = head(trace)
    return section(
        "loop",
        "Loop",
        el("p", said[:1].upper() + said[1:], ": ", el("b", ends), "."),
        el("div", el("table", columns, el("tbody", rows)), class_="scroll") if rows else None,
    )


def waits(trace: Trace) -> Markup | None:
    """What each thread of a deadlock waits for."""
    if not trace.stuck:
        return None
    rows = []
    for w in trace.stuck:
        place = el("code", inert(w.source)) if w.source else None
        go = join(" ", el("code", inert(w.go))) if w.go else None
        rows.append(el("tr", el("th", inert(w.thread), scope="row"), el("td", inert(w.sentence)), el("td", place, go)))
    circle = None
    if trace.lock_cycle:
        around = [el("b", inert(t), class_="node") for t in (*trace.lock_cycle, trace.lock_cycle[0])]
        circle = el("p", "In a circle: ", between(" → ", around))
    columns = el("thead", el("tr", [el("th", name, scope="col") for name in ("thread", "waits", "at")]))
    return section("waits", "Who waits", circle, el("div", el("table", columns, el("tbody", rows)), class_="scroll"))


def needs(trace: Trace) -> Markup | None:
    """What is lost without each step; steps with the same answer stand together."""
    of = () if trace.cause is None else trace.cause.needs
    if not of:
        return None
    runs: list[list[Need]] = []
    for need in of:
        if runs and (runs[-1][0].needed, runs[-1][0].lost) == (need.needed, need.lost):
            runs[-1].append(need)
        else:
            runs.append([need])
    rows = [
        el(
            "tr",
            el("th", _steps(run), scope="row"),
            el("td", run[0].lost if run[0].needed else "not needed: the others still show the violation"),
        )
        for run in runs
    ]
    every = all(need.needed for need in of)
    said = "Every step is needed." if every else "Not every step is needed."
    columns = el("thead", el("tr", el("th", "without", scope="col"), el("th", "what is lost", scope="col")))
    table = el("div", el("table", columns, el("tbody", rows)), class_="scroll")
    return section("needs", "Why each step is needed", el("p", said), table)


def again(trace: Trace) -> Markup:
    """The command, and what identifies the run."""
    facts: list[tuple[str, object]] = [("seed", trace.seed)] if trace.seed is not None else []
    facts += [("spec", trace.spec), ("version", trace.tool)]
    command = el("pre", el("code", inert_line(trace.command)), tabindex=0) if trace.command else None
    return section("again", "Run it again", command, pairs(facts))


def _steps(run: list[Need]) -> list[Child]:
    return [link(run[0].step)] if len(run) == 1 else [link(run[0].step), " to ", link(run[-1].step)]
