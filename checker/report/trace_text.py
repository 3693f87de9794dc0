"""The terminal view of a trace, in the order of cli.md."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from itertools import pairwise

from checker.report.picture import as_text
from checker.report.style import Style, inert, inert_line
from checker.report.text_lasso import after_steps, before_step, head, waits
from checker.trace.trace import Change, Need, Trace, TraceStep
from spec.language import Drawn, Strip

Lines = list[str]
VERDICTS = {11: "deadlock", 12: "safety violation", 13: "liveness violation", 14: "throw of the heap"}
WIDTH = 110
_MARGIN = " " * 17
_GLUE = "\0"
"""Stands for a space at which a line must not be broken."""
_ENDS = {"acquire": " ... waits for the lock", "released": " ... has given the lock back"}


def trace_text(trace: Trace, style: Style) -> Lines:
    """Verdict, cause, scope, steps, last state, and what each step is needed for."""
    out = [*verdict(trace, style), *_order(trace), *_cause(trace, style), *_scope(trace), ""]
    last = None
    for s in trace.steps:
        out += before_step(trace, s.index)
        out += _step(trace, s, style, switched=last not in (None, s.thread))
        last = s.thread
    out += after_steps(trace)
    out += _footnotes(trace, style)
    if trace.pictures and trace.pictures[-1]:
        out += ["", f"state {len(trace.steps)}:", *(f"  {inert(line)}" for line in as_text(trace.pictures[-1]))]
    return [*out, *waits(trace), *_needs(trace), *_last_lines(trace)]


def verdict(trace: Trace, style: Style) -> Lines:
    """What is violated, and how long the run is."""
    scenario = trace.scope.scenario
    if not trace.exit:
        return [f"{inert(scenario)}: a run of {len(trace.steps)} steps; nothing is violated"]
    witness = "" if trace.stuck else ", ".join(f"{inert(k)}={inert(v)}" for k, v in trace.witness)
    what = f"{inert(trace.property)} {inert(trace.name)}: {inert(trace.clause)}" + (f" ({witness})" if witness else "")
    steps = len(trace.steps)
    shortest = f"yes, no violation in fewer than {steps} steps" if trace.shortest == "yes" else trace.shortest
    length = f"shortest: {shortest}" if trace.loop is None else head(trace)
    return [
        f"{inert(scenario)}: {style.paint(VERDICTS[trace.exit], 'bold', 'red')}: {style.paint(what, 'bold')}",
        f"exit {trace.exit}; {length}",
    ]


def _order(trace: Trace) -> Lines:
    """What is known of a counterexample in the real order, where the spec has one."""
    if trace.loop is not None and trace.order == "undecided":
        return ["order-dependent, perhaps: a lasso is not looked for again in the real order"]
    said = {
        "real": "found in an arbitrary order and again in the real order, which is shown",
        "dependent": "order-dependent: the real order was not found to show it",
        "undecided": "order-dependent, perhaps: the search for a real order that shows it was given up",
    }
    return [said[trace.order]] if trace.order in said else []


def _cause(trace: Trace, style: Style) -> Lines:
    out: Lines = []
    if trace.definition:
        out += _wrapped(f"property: {inert(trace.meaning)}  ({inert(trace.definition)})".replace(":   (", ": ("))
    if trace.cause is not None:
        said = textwrap.wrap(f"cause: {trace.cause.sentence}", WIDTH, subsequent_indent="       ")
        out += [style.paint(inert(line), "yellow") for line in said]
    return out


def _scope(trace: Trace) -> Lines:
    m = trace.minimised
    if m is None:
        return []
    sizes = [f"{inert(r.name)} {r.before} -> {r.after}" for r in m.reductions if r.before != r.after]
    left_out = [f"without {inert(f)}" for f in trace.scope.without]
    said = ", ".join(sizes + left_out) or "nothing could be made smaller"
    proof = "minimal: every single reduction was tried again" if m.minimal else f"perhaps not minimal: stopped by {m.stopped}"
    return _wrapped(f"minimised: {said}; {m.tries:,} tries, {m.search_steps:,} search steps; {proof}")


def _step(trace: Trace, s: TraceStep, style: Style, *, switched: bool) -> Lines:
    args = ", ".join(f"{inert(k)}={inert(v)}" for k, v in s.args)
    returned = f" = {inert(s.result)}" if s.result is not None else ""
    tail = _ENDS.get(s.ends_at, "") if s.result is None else ""
    call = style.paint(f"{inert(s.action)}({args})", "bold") + returned + style.paint(tail, "dim")
    thread = style.paint(f"{inert(s.thread):<11}", _hue(trace, s.thread))
    out = [f"{s.index:3}{'*' if switched else ' '} {thread} {call}"]
    chosen = "  chose " + ", ".join(f"{inert(k)}={v}" for k, v in s.choice) if s.choice else ""
    out.append(_MARGIN + style.paint(f"{inert(s.source)}{'  ' + inert(s.go) if s.go else ''}{chosen}", "dim"))
    if s.thrown:
        out.append(_MARGIN + style.paint(f"throw: {inert(s.thrown)}  ({inert(trace.place)})", "red"))
    out += _changes([c for c in s.changed if style.shows(c.cell, ghost=c.ghost)], style)
    return out + _strips(trace.pictures, s.index, style)


def _changes(changed: Sequence[Change], style: Style) -> Lines:
    """The changes, as many to a line as fit."""
    text = "  ".join(f"{inert(c.cell)}: {inert(c.before)} -> {inert(c.after)}".replace(" ", _GLUE) for c in changed)
    lines = textwrap.wrap(text, 100, initial_indent=_MARGIN, subsequent_indent=_MARGIN, break_on_hyphens=False)
    return [style.paint(line.replace(_GLUE, " "), "cyan") for line in lines]


def _strips(pictures: Sequence[Sequence[Drawn]], index: int, style: Style) -> Lines:
    """The strips that a step changes, with what is new in them marked by colour."""
    if len(pictures) <= index:
        return []
    before, after = ([p for p in pictures[i] if isinstance(p, Strip)] for i in (index - 1, index))
    out = []
    for old, new in zip(before, after, strict=False):
        if [b.mark for b in old.blocks] != [b.mark for b in new.blocks]:
            same = len(old.blocks) == len(new.blocks)
            marks = (
                inert(b.mark) if same and b.mark == a.mark else style.paint(inert(b.mark), "reverse")
                for a, b in zip(old.blocks, new.blocks, strict=same)
            )
            out.append(f"{_MARGIN}{inert(new.name)} |{''.join(marks)}|")
    return out


def _footnotes(trace: Trace, style: Style) -> Lines:
    notes = []
    if any(a.thread != b.thread for a, b in pairwise(trace.steps)):
        notes.append("* another thread goes on")
    if any(not style.shows(c.cell, ghost=c.ghost) for s in trace.steps for c in s.changed):
        notes.append("changes of ghost and hidden fields are left out (--show PATTERN shows them)")
    return ["    " + "; ".join(notes)] if notes else []


def _needs(trace: Trace) -> Lines:
    """Without which step what is lost; steps with the same answer stand together."""
    needs = () if trace.cause is None else trace.cause.needs
    if not needs:
        return []
    out = ["", "without step:"]
    run: list[Need] = []
    for need in (*needs, None):
        if run and (need is None or (need.needed, need.lost) != (run[0].needed, run[0].lost)):
            where = str(run[0].step) if len(run) == 1 else f"{run[0].step}-{run[-1].step}"
            said = run[0].lost if run[0].needed else "not needed: the others show the violation"
            out += _wrapped(f"  {where:>5}  {inert(said)}", "         ")
            run = []
        run += [need] if need is not None else []
    return out


def _last_lines(trace: Trace) -> Lines:
    facts = [f"spec {trace.spec[:12]}", f"version {trace.tool}", f"{trace.scope.atomicity} atomicity"]
    facts += [f"variant {inert(trace.scope.variant)}"] if trace.scope.variant else []
    facts += [f"seed {trace.seed}"] if trace.seed is not None else []
    return ["", f"again: {inert_line(trace.command)}" if trace.command else "", "; ".join(facts)]


def _hue(trace: Trace, thread: str) -> str:
    hues = ("blue", "green", "yellow", "cyan")
    at = trace.scope.threads.index(thread) if thread in trace.scope.threads else 0
    return hues[at % len(hues)]


def _wrapped(text: str, indent: str = "           ") -> Lines:
    return textwrap.wrap(text, WIDTH, subsequent_indent=indent, break_on_hyphens=False)
