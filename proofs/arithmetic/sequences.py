"""Execution of several calls, one after another, on the state of a part of the spec."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import z3

from checker.frontend import tree as t
from checker.symbolic.execute import Executor
from checker.symbolic.memory import Value
from checker.symbolic.number import negation
from checker.symbolic.state import State
from proofs.kernel import Condition

Calls = Sequence[tuple[t.Function, Mapping[str, Value]]]


def sequence(executor: Executor, calls: Calls, begun: State | None = None) -> Iterator[tuple[State, tuple[Value, ...]]]:
    """The paths through the calls, each with the results of all of them."""
    state = begun or State()
    if not calls:
        yield state, ()
        return
    (function, args), *rest = calls
    for path in executor.body(replace(state, locals=dict(args), result=None), function):
        for end, results in sequence(executor, rest, path):
            yield end, (path.result, *results)


def untroubled(executor: Executor) -> list[Condition]:
    """That nothing which the executor met on its paths ends in a throw or in an error."""
    return [Condition(f"no {t.kind}: {t.message}", z3.BoolVal(True), negation(t.condition)) for t in executor.troubles]
