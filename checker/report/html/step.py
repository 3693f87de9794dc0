"""One step in full: call, place, what it changed, and the calls that it is inside of, nested as in Go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from checker.report.html.film import flags_of
from checker.report.html.markup import Child, Markup, between, el, join
from checker.report.html.words import arguments, badge, long, returned, tail, threads_of
from checker.report.style import inert
from checker.trace.trace import Change, Trace, TraceCall, TraceStep

DEEPEST = 40
"""Levels to which calls are nested; what is deeper stands flat in the last one."""


def articles(trace: Trace) -> Iterator[Markup]:
    """The initial state, and every step."""
    yield el(
        "article",
        el("h3", "Initial state", id="heading-0"),
        _flags(trace, 0),
        el("div", class_="slot"),
        id="detail-0",
        aria_labelledby="heading-0",
    )
    threads = threads_of(trace)
    read = frozenset(r.cell for r in trace.cause.reads) if trace.cause is not None else frozenset()
    for s in trace.steps:
        yield _article(trace, s, threads.index(s.thread), read)


def _article(trace: Trace, s: TraceStep, thread: int, read: frozenset[str]) -> Markup:
    call = el("code", el("b", inert(s.action)), f"({arguments(s.args)}){returned(s)}", class_="call")
    heading: list[Child] = [el("span", f"Step {s.index}", class_="stepno"), badge(s.thread, thread), join(call, tail(s))]
    return el(
        "article",
        el("h3", between(" ", heading), id=f"heading-{s.index}"),
        _place(s),
        _flags(trace, s.index),
        _needed(trace, s.index),
        el("div", class_="slot"),
        _changed(s.changed, read),
        _calls(s.calls),
        id=f"detail-{s.index}",
        aria_labelledby=f"heading-{s.index}",
    )


def _place(s: TraceStep) -> Markup:
    chosen = ", ".join(f"{inert(k)}={v}" for k, v in s.choice)
    said: list[Child] = [el("code", inert(s.source))]
    said += [el("code", inert(s.go))] if s.go else []
    said += [f"chose {chosen}"] if chosen else []
    said.append(f"from {inert(s.begins_at)} to {inert(s.ends_at)}")
    return el("p", between(" · ", said), class_="where")


def _flags(trace: Trace, index: int) -> list[Markup]:
    out = [el("p", text, class_="alarm") for text in flags_of(trace, index)]
    if trace.loop is not None and trace.loop == index < len(trace.steps):
        out.append(el("p", "The steps after this state repeat for ever.", class_="hint"))
    return out


def _needed(trace: Trace, index: int) -> Markup | None:
    for need in trace.cause.needs if trace.cause is not None else ():
        if need.step == index:
            return el("p", f"Without it: {need.lost if need.needed else 'the others still show the violation'}.", class_="hint")
    return None


def _changed(changed: Sequence[Change], read: frozenset[str]) -> Markup:
    """The changes, those of one record together; ghosts can be hidden, unless the failed clause reads them."""
    ghosts = sum(c.ghost and c.cell not in read for c in changed)
    groups: dict[str, list[Change]] = {}
    for c in changed:
        groups.setdefault(c.cell.rpartition(".")[0], []).append(c)
    tables = [_group(name, cells, read) for name, cells in groups.items()]
    if not tables:
        return el("p", "changes no cell", class_="empty")
    key = el("span", "read by the clause", class_="reads key") if any(c.cell in read for c in changed) else None
    note = f"{ghosts} ghost {'cell' if ghosts == 1 else 'cells'} changed too, hidden here"
    return join(
        el("h4", "Changed cells", key),
        el("div", tables, class_="changes"),
        el("p", note, class_="unghost empty") if ghosts else None,
    )


def _group(name: str, cells: Sequence[Change], read: frozenset[str]) -> Markup:
    rows = []
    for c in cells:
        known = c.cell in read
        field = c.cell.rpartition(".")[2]
        mark = el("span", el("span", " read by the clause", class_="sr"), class_="reads") if known else None
        rows.append(
            el(
                "tr",
                el("th", inert(field), mark, scope="row", class_=long(field)),
                el("td", el("span", inert(c.before), class_=long(c.before)), class_="old"),
                el("td", el("span", "→", aria_hidden="true"), class_="to"),
                el("td", el("span", inert(c.after), class_=long(c.after)), class_="new"),
                class_="read" if known else "ghost" if c.ghost else None,
            )
        )
    hidden = all(c.ghost and c.cell not in read for c in cells)
    caption = el("caption", inert(name)) if name else el("caption", "the root", class_="root")
    return el("table", caption, el("tbody", rows), class_="ghost" if hidden else None)


def _calls(calls: Sequence[TraceCall]) -> Markup | None:
    if not calls:
        return None
    count = f"{len(calls)} call" + ("s" if len(calls) != 1 else "")
    return el("details", el("summary", el("h4", "Calls"), el("span", count, class_="count")), _nested(calls), class_="calls")


def _nested(calls: Sequence[TraceCall], level: int = 0) -> Markup:
    """Each call with those inside it: what follows it and is deeper."""
    items = []
    at = 0
    while at < len(calls):
        end = at + 1
        while end < len(calls) and calls[end].depth > calls[at].depth:
            end += 1
        inner = calls[at + 1 : end]
        if inner and level == DEEPEST:
            items += [el("li", _call(c)) for c in calls[at:end]]
        else:
            items.append(el("li", _call(calls[at]), _nested(inner, level + 1) if inner else None))
        at = end
    return el("ul", items)


def _call(c: TraceCall) -> Markup:
    name = inert(c.go.rpartition(":")[2]) if c.go else inert(c.function.rpartition(".")[2])
    result = f" = {inert(c.result)}" if c.result is not None and c.ended else ""
    state = None if c.began else el("span", "began earlier", class_="state")
    still = None if c.ended else el("span", "not returned", class_="state")
    said = el("code", el("b", name), f"({arguments(c.args)}){result}", class_="go" if c.go else "helper")
    where = el("span", f"{inert(c.go.rpartition(':')[0])} · {inert(c.function)}" if c.go else inert(c.function), class_="where")
    return join(said, " ", where, state, still)
