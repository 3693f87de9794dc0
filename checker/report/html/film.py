"""The film: a row for each state with the step that leads to it in the lane of its thread, and the memory as it is then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from checker.report.html.look import Look
from checker.report.html.markup import Child, Markup, el
from checker.report.html.strip import strip, strips
from checker.report.html.words import LANES, arguments, badge, returned, tail, threads_of, within
from checker.report.style import inert
from checker.report.text_lasso import after_steps, before_step
from checker.trace.trace import Trace, TraceStep
from spec.language import Strip


def film(trace: Trace, look: Look) -> Markup:
    """The rows from state 0, each with the anchor ``step=N``."""
    threads = threads_of(trace)
    rows: list[Child] = [_row(trace, 0, None, threads, frozenset(), look)]
    inside: frozenset[str] = frozenset()
    for s in trace.steps:
        rows += [el("li", line.strip(), class_="note") for line in before_step(trace, s.index)]
        before = inside
        inside = inside - {s.thread} | ({s.thread} if within(s) else set())
        rows.append(_row(trace, s.index, s, threads, before, look))
    rows += [el("li", line.strip(), class_="note") for line in after_steps(trace)[1:2]]
    parts = (_header(trace, threads), el("ol", rows))
    return el("div", parts, class_="film scroll", tabindex=0, role="region", aria_label="Film of the states")


def _header(trace: Trace, threads: Sequence[str]) -> Markup:
    """The names of the lanes and of the strips; the rows name their threads themselves."""
    lanes = [el("span", inert(t), class_=f"lane t{i % LANES}", title=inert(t)) for i, t in enumerate(threads)]
    names = [el("span", inert(s.name)) for s in strips(trace.pictures[0])] if trace.pictures else []
    return el(
        "div",
        el("span", "state", class_="no"),
        el("span", lanes, class_="lanes"),
        el("span", names, class_="memories"),
        class_="lanenames",
        aria_hidden="true",
    )


def _row(trace: Trace, index: int, s: TraceStep | None, threads: Sequence[str], before: frozenset[str], look: Look) -> Markup:
    """One state; ``before`` are the threads that were inside a call before the step."""
    previous = trace.steps[index - 2].thread if index > 1 else None
    switched = s is not None and previous not in (None, s.thread)
    flags = flags_of(trace, index)
    looped = trace.loop is not None and index > trace.loop
    classes = ["row", *(["switch"] if switched else []), *(["bad"] if flags else []), *(["looped"] if looped else [])]
    return el(
        "li",
        el("span", str(index), el("span", " another thread goes on", class_="sr") if switched else None, class_="no"),
        el("span", _lanes(index, s, threads, before), class_="lanes"),
        el("span", _memories(trace, index, look), class_="memories"),
        [el("span", text, class_="flag") for text in flags],
        id=f"step={index}",
        class_=" ".join(classes),
    )


def _lanes(index: int, s: TraceStep | None, threads: Sequence[str], before: frozenset[str]) -> Iterator[Markup]:
    if s is None:
        yield el("a", "initial state", href="#step=0", class_="box start")
        return
    for i, thread in enumerate(threads):
        if thread != s.thread:
            yield el("span", class_=f"lane idle t{i % LANES}" + (" in" if thread in before else ""))
            continue
        said = el("a", _box(s, i), href=f"#step={index}", class_=_shape(s, before), title=f"{inert(s.thread)}: {_call(s)}")
        yield el("span", said, class_=f"lane t{i % LANES}")


def _box(s: TraceStep, thread: int) -> Markup:
    return el(
        "span",
        badge(s.thread, thread),
        el("span", inert(s.action), class_="action"),
        el("span", f"({arguments(s.args)})", class_="args"),
        el("span", returned(s), class_="result"),
        el("span", tail(s), class_="tail"),
        class_="said",
    )


def _call(s: TraceStep) -> str:
    return f"{inert(s.action)}({arguments(s.args)}){returned(s)}{tail(s)}"


def _shape(s: TraceStep, before: frozenset[str]) -> str:
    """Open at the top where the thread was inside a call before, at the bottom where it still is."""
    return "box" + (" from" if s.thread in before else "") + (" on" if within(s) else "")


def _memories(trace: Trace, index: int, look: Look) -> Iterator[Markup]:
    """The strips of a state, outlined where they differ from those of the state before."""
    if index >= len(trace.pictures):
        return
    before: Sequence[Strip] = strips(trace.pictures[index - 1]) if index else ()
    for i, now in enumerate(strips(trace.pictures[index])):
        yield strip(now, before[i] if i < len(before) else None, look)


def flags_of(trace: Trace, index: int) -> list[str]:
    """What is wrong in a state, in a few words."""
    out = []
    cause, last = trace.cause, len(trace.steps)
    if cause is not None and cause.step == index:
        out.append(f"{inert(trace.property)} is broken here: {inert(trace.clause)}")
    if cause is not None and cause.seen == index != cause.step:
        out.append(f"{inert(trace.property)} is due here, and does not hold")
    if index == last and trace.steps and trace.steps[-1].thrown:
        out.append(f"throw: {inert(trace.steps[-1].thrown)}")
    if index == last and trace.stuck:
        out.append("no thread can step, and not all rest")
    return out
