"""Traces with arbitrary records, names, values and facts, for Hypothesis.

A state is drawn as a tree of records and arrays; its leaves are the cells, in an arbitrary order. Each step changes some
of them. What a trace must keep to be one is kept: names of threads, cells and steps are those that there are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from checker.trace.trace import (
    Cause,
    Change,
    Fair,
    Minimised,
    Need,
    Read,
    Reduction,
    Scope,
    Stuck,
    Trace,
    TraceCall,
    TraceStep,
    Value,
)

TEXTS = st.text(max_size=8)
NUMBERS = st.integers(0, 2**64)
PAIRS = st.lists(st.tuples(TEXTS, TEXTS), max_size=3).map(tuple)
VALUES = st.one_of(st.booleans(), st.integers(-(2**70), 2**70), st.integers(0, 1), TEXTS)
NAMES = st.one_of(
    st.sampled_from(["a", "b", "tag", "value", "_a", "__x", "class", "None", "état", "µ", "index", "count", "Rec"]),
    st.from_regex(r"[a-zA-Z_][a-zA-Z0-9_]{0,4}", fullmatch=True),
)
ODD = st.one_of(
    TEXTS, st.sampled_from(["#meta", "#bigint", "a", "a[0]", "a[1]", "a.b", "a[0].b", "", "[0]", "a[00]", "cell a"])
)
"""Names of cells that no spec can have."""


def leaf_or(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Records and arrays of what is drawn within."""
    return st.one_of(st.lists(inner, min_size=1, max_size=3), st.dictionaries(NAMES, inner, min_size=1, max_size=3))


STATES = st.dictionaries(NAMES, st.recursive(st.none(), leaf_or, max_leaves=12), min_size=1, max_size=5)


def leaves(node: Any, path: str = "") -> Iterator[str]:
    """The paths of a tree's leaves."""
    if isinstance(node, list):
        for i, inner in enumerate(node):
            yield from leaves(inner, f"{path}[{i}]")
    elif isinstance(node, dict):
        for name, inner in node.items():
            yield from leaves(inner, f"{path}.{name}" if path else name)
    else:
        yield path


@st.composite
def traces(draw: st.DrawFn, odd: bool = False) -> Trace:
    """A trace; ``odd`` gives it cells that do not nest."""
    cells = draw(st.permutations(list(leaves(draw(STATES)))))
    if odd:
        cells = list(dict.fromkeys([*cells, *draw(st.lists(ODD, max_size=4))]))
    initial = tuple((cell, draw(VALUES)) for cell in cells)
    ghosts = frozenset(draw(st.lists(st.sampled_from(cells), max_size=3)))
    threads = draw(st.lists(TEXTS, min_size=1, max_size=3, unique=True))
    steps = tuple(_steps(draw, dict(initial), ghosts, threads))
    parameters = draw(st.lists(st.tuples(TEXTS, st.one_of(NUMBERS, TEXTS)), max_size=3))
    names = [name for name, _ in parameters]
    scope = Scope(
        scenario=draw(TEXTS),
        parameters=tuple(parameters),
        settings=tuple(draw(st.lists(st.sampled_from(names), max_size=2)) if names else ()),
        threads=tuple(threads),
        without=tuple(draw(st.lists(TEXTS, max_size=2))),
        atomicity=draw(st.sampled_from(["lock", "fine"])),
        variant=draw(TEXTS),
        strict=draw(st.booleans()),
    )
    thread, step = st.sampled_from(threads), st.integers(0, len(steps))
    loop = draw(st.sampled_from([None, len(steps)]))
    return Trace(
        **{name: draw(TEXTS) for name in _FREE},
        scope=scope,
        witness=draw(PAIRS),
        exit=draw(st.sampled_from([0, 11, 12, 14] + [13] * (loop is not None))),
        initial=initial,
        ghosts=ghosts,
        steps=steps,
        loop=loop,
        fairness=tuple(draw(st.lists(st.builds(Fair, thread, st.booleans(), st.booleans()), max_size=2))),
        stuck=tuple(draw(st.lists(st.builds(Stuck, thread, *[TEXTS] * 7), max_size=2))),
        lock_cycle=tuple(draw(st.lists(thread, max_size=2))),
        order=draw(st.sampled_from(["", "real", "dependent", "undecided"])),
        cause=draw(st.none() | _causes(cells, step, len(steps))),
        minimised=draw(st.none() | _MINIMISED),
        seed=draw(st.none() | NUMBERS),
    )


_FREE = ("tool", "spec", "property", "name", "clause", "meaning", "definition", "place", "shortest", "command")
_MINIMISED = st.builds(
    Minimised,
    st.lists(st.builds(Reduction, TEXTS, st.integers(0, 99), st.integers(0, 99)), max_size=2).map(tuple),
    st.integers(0, 2**60),
    st.integers(0, 2**60),
    st.booleans(),
    TEXTS,
)
_CALLS = st.builds(TraceCall, TEXTS, TEXTS, PAIRS, st.none() | TEXTS, st.integers(0, 20), st.booleans(), st.booleans())


def _causes(cells: list[str], step: st.SearchStrategy[int], last: int) -> st.SearchStrategy[Cause]:
    reads = st.lists(st.builds(Read, st.sampled_from(cells), VALUES, step), max_size=3).map(tuple)
    needs = st.lists(st.builds(Need, st.integers(1, max(last, 1)), st.booleans(), TEXTS), max_size=3 if last else 0).map(tuple)
    ends = st.tuples(step, step).map(sorted)
    return st.builds(lambda e, said, r, n: Cause(e[0], e[1], said, r, n), ends, TEXTS, reads, needs)


def _steps(draw: st.DrawFn, now: dict[str, Value], ghosts: frozenset[str], threads: list[str]) -> Iterator[TraceStep]:
    for index in range(1, draw(st.integers(0, 4)) + 1):
        changed = []
        for cell in draw(st.lists(st.sampled_from(list(now)), max_size=4, unique=True)):
            after = draw(VALUES)
            if repr(after) != repr(now[cell]):
                changed.append(Change(cell, now[cell], after, cell in ghosts))
                now[cell] = after
        yield TraceStep(
            index=index,
            thread=draw(st.sampled_from(threads)),
            action=draw(TEXTS),
            args=draw(PAIRS),
            result=draw(st.none() | TEXTS),
            choice=tuple(draw(st.lists(st.tuples(TEXTS, st.integers(-9, 99)), max_size=2))),
            **{name: draw(TEXTS) for name in ("function", "begins_at", "source", "go", "ends_at", "thrown")},
            calls=tuple(draw(st.lists(_CALLS, max_size=2))),
            changed=tuple(changed),
        )
