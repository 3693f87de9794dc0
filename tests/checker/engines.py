"""Engines under one signature, with what each saw: adding one is a function and a line in `ENGINES`."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from itertools import islice

from brute_force import Clause, Line

from checker.differential import Atomicity, line_of
from checker.errors import SpecEvaluationError
from checker.load import Spec
from checker.lowering.machine import Machine
from checker.search.breadth_first import BreadthFirst, Limits
from checker.search.native import NativeSearch
from spec.language import Scenario


@dataclass(frozen=True)
class Seen:
    """What one search saw, to a depth or to closure.

    Attributes
    ----------
    levels : tuple of frozenset
        The states first reached at each depth, as flat bytes in the layout of `Machine`; canonical forms with reductions.
    transitions : int
    violations : dict
        The length of the schedule to each property and clause.
    antecedents : frozenset of str
        Properties with an antecedent that was met.
    closed : bool
        No new state exists.
    error : (str, int) or None
        The line of an error of the spec, which ends the search.
    """

    levels: tuple[frozenset[bytes], ...] = ()
    transitions: int = 0
    violations: dict[Clause, int] = field(default_factory=dict)
    antecedents: frozenset[str] = frozenset()
    closed: bool = False
    error: Line = None


Engine = Callable[[Spec, Scenario, Atomicity, Collection[str] | None, int], Seen]
"""Takes the reductions (None: all that are declared) and the depth."""


def breadth_first(spec: Spec, scenario: Scenario, atomicity: Atomicity, reductions: Collection[str] | None, depth: int) -> Seen:
    """The Python engine."""
    machine = Machine(spec, scenario, {}, atomicity=atomicity, explained=False, reductions=reductions)
    search = BreadthFirst(machine, Limits(depth=depth), go_on=True)
    return _seen(machine, search, lambda: search._visited)


class _Keeping(NativeSearch):
    """A search that hands out the states that it has stored."""

    def _count(self) -> None:
        super()._count()
        engine, unpack = self.engine, self.compiled.function("unpack")
        at, first, packed = engine.blocks.take(engine.size), engine.search["stored"], engine.search["packed"]
        self.forms = []
        for number in range(sum(self.outcome.levels)):
            unpack(first + number * packed, at)
            self.forms.append(ctypes.string_at(at, self.machine.size))


def native(spec: Spec, scenario: Scenario, atomicity: Atomicity, reductions: Collection[str] | None, depth: int) -> Seen:
    """The native engine, storing states whole, with two workers and all its checks."""
    machine = Machine(spec, scenario, {}, atomicity=atomicity, explained=False, reductions=reductions)
    search = _Keeping(machine, Limits(depth=depth), go_on=True, storage="exact", jobs=2, checked=True)
    return _seen(machine, search, lambda: search.forms)


def _seen(machine: Machine, search: BreadthFirst | NativeSearch, visited: Callable[[], Iterable[bytes]]) -> Seen:
    """Run a search; ``visited`` gives all forms then, in the order in which they were found."""
    try:
        out = search.run()
    except SpecEvaluationError as e:
        return Seen(error=line_of(str(e)))
    forms = iter(visited())
    return Seen(
        levels=tuple(frozenset(islice(forms, n)) for n in out.levels),
        transitions=out.transitions,
        violations={(v.property, v.clause): len(v.schedule) for v in out.violations},
        antecedents=frozenset(p.id for p, n in zip(machine.properties, machine.antecedents, strict=True) if n),
        closed=out.exhaustive,
    )


ENGINES: dict[str, Engine] = {"Python": breadth_first, "native": native}
