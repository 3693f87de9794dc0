"""The states of a small scope and the steps between them as a networkx graph, made by the reference engine.

Nodes are the canonical forms that a search tells apart, ``s0`` the initial one, numbered as they are found; and one node for
each throw, ``t0``, which is no state but where a run ends. So a step shows the threads and struct names of the form that it
begins in. Edges are the search's transitions: ``e0``, ``e1``, ... The attributes are those of a `networkx.MultiDiGraph`:

nodes
    ``kind`` (``state`` or ``throw``), ``depth``, ``violated`` (property, name and clause; empty if none). States also have
    ``number``, ``initial``, ``expanded`` (false: the bound on the depth left its steps out), ``deadlock``, ``rests`` (no
    thread can step, and all rest) and ``cell.PATH`` for each cell that is shown; throws have ``place``.
edges
    ``thread``, ``action`` (the function that the step is about), ``function`` (where it begins, with its module), ``source``,
    ``go``, ``begins_at`` and ``ends_at`` (kinds of scheduling points), ``choice``, ``violated``, ``thrown``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from checker.errors import CheckerError, UsageError
from checker.lowering.graph import Position
from checker.lowering.machine import Failure, Machine, Successor
from checker.search.concrete import Shown, violation_of
from checker.trace.values import Paths
from checker.version import VERSION

if TYPE_CHECKING:
    from networkx import MultiDiGraph

CELL = "cell."
"""Before the path of a shown cell in the name of its attribute, which no other attribute begins with."""

_NAMED = 12
"""Cells that an error names as examples."""


class TooManyNodes(CheckerError):
    """The scope has more nodes than may be drawn."""

    exit_code = 20


def state_graph(
    machine: Machine, *, max_nodes: int, depth: int | None = None, show: Sequence[str] = (), variant: str = ""
) -> MultiDiGraph:
    """Search breadth-first, to a depth or until no new state exists, past violations.

    Parameters
    ----------
    machine : Machine
    max_nodes : int
        Of states and throws.
    depth : int, optional
        In steps from state 0; states of the last level are not expanded.
    show : sequence of str
        Patterns of the paths of cells that become attributes, with ``*`` and ``?``.
    variant : str
        Id of the variant whose edits the spec was loaded with.

    Raises
    ------
    TooManyNodes
        There are more than ``max_nodes``.
    UsageError
        A pattern fits no cell.
    """
    return _Builder(machine, max_nodes, show).build(depth, variant)


class _Builder:
    """One graph in the making: nodes are numbered by their forms, throws by message and place."""

    def __init__(self, machine: Machine, max_nodes: int, show: Sequence[str]) -> None:
        from networkx import MultiDiGraph

        self.machine, self.graph, self._max_nodes = machine, MultiDiGraph(), max_nodes
        self._paths = Paths(machine.schema, machine.threads)
        self._numbers: dict[bytes, int] = {}
        self._throws: dict[tuple[str, str], int] = {}
        self._depth, self._whole, self._steps = 0, 0, 0
        initial = machine.initial()
        self._shown = _shown(self._paths.cells(machine.layout.values(initial)), show)
        self._initial = initial

    def build(self, depth: int | None, variant: str) -> MultiDiGraph:
        level: list[bytes] = []
        self._state(self._initial, level)
        while level and self._depth != depth:
            self._whole, self._depth = len(self.graph), self._depth + 1
            following: list[bytes] = []
            for form in level:
                self._expand(form, following)
            level = following
        machine, words = self.machine, self.machine.spec.parameters.in_words(self.machine.parameters)
        self.graph.graph.update(
            scenario=machine.scenario.name,
            variant=variant,
            parameters=" ".join(f"{k}={v}" for k, v in words.items()),
            atomicity=machine.atomicity,
            reductions=" ".join(machine.canonical.reductions),
            depth=max(d for _, d in self.graph.nodes(data="depth")),
            states=len(self._numbers),
            transitions=self._steps,
            exhaustive=not level,
            spec=machine.spec.digest,
            tool=VERSION,
        )
        return self.graph

    def _expand(self, form: bytes, following: list[bytes]) -> None:
        machine, name = self.machine, f"s{self._numbers[form]}"
        successors = machine.successors(form)
        ends, rests = not successors, machine.at_rest(form)
        self.graph.nodes[name].update(expanded=True, deadlock=ends and not rests, rests=ends and rests)
        if ends and not rests:
            before = self.graph.nodes[name]["violated"]
            self.graph.nodes[name]["violated"] = (before and before + "; ") + self._said([None])
        for s in successors:
            target = self._state(s.state, following) if s.thrown is None else self._throw(s.thrown)
            self._step(name, target, form, s)

    def _state(self, state: bytes, level: list[bytes]) -> str:
        """The node of a state; a new one is checked and joins the level."""
        form = self.machine.canonical(state)
        if form not in self._numbers:
            number = self._numbers[form] = len(self._numbers)
            cells = self._paths.cells(self.machine.layout.values(form)) if self._shown else {}
            self._add(
                f"s{number}",
                kind="state",
                number=number,
                depth=self._depth,
                initial=not number,
                expanded=False,
                deadlock=False,
                rests=False,
                violated=self._said(self.machine.check(state)),
                **{CELL + path: cells[path] for path in self._shown},
            )
            level.append(form)
        return f"s{self._numbers[form]}"

    def _throw(self, thrown: tuple[str, str]) -> str:
        """The node of a throw."""
        if thrown not in self._throws:
            number = self._throws[thrown] = len(self._throws)
            self._add(f"t{number}", kind="throw", depth=self._depth, violated=self._said([thrown]), place=thrown[1])
        return f"t{self._throws[thrown]}"

    def _add(self, node: str, **attributes: object) -> None:
        if len(self.graph) >= self._max_nodes:
            before = self._depth - 1
            raise TooManyNodes(
                f"scenario {self.machine.scenario.name} is too large for --max-nodes {self._max_nodes}: {self._whole} states "
                f"and throws to depth {before}, more than {self._max_nodes} at depth {self._depth}; nothing was written; "
                f"draw it to --depth {before}, draw a smaller scope (--set), or set a larger --max-nodes"
            )
        self.graph.add_node(node, **attributes)

    def _step(self, source: str, target: str, form: bytes, s: Successor) -> None:
        """The edge of a step; as in a search, step properties are about steps that change something."""
        machine, heap = self.machine, slice(self.machine.layout.heap_bytes)
        failures: list[Failure] = list(s.failures)
        if s.thrown is None and s.state[heap] != form[heap]:
            failures += machine.check_step(form, s.state, s.thread)
        begins_at, stack = machine.waiting_at(form, s.thread)
        ends_at, then = ("throw", ()) if s.thrown is not None else machine.waiting_at(s.state, s.thread)
        function, line = stack[-1]
        chosen = zip(machine.choice_names(form, s.thread), s.choice, strict=True)
        known = machine.program.functions
        self.graph.add_edge(
            source,
            target,
            key=f"e{self._steps}",
            thread=machine.threads[s.thread],
            action=_action(stack, then),
            function=function,
            source=f"{machine.program.file(function)}:{line}",
            go=next((known[f].go for f, _ in reversed(stack) if f in known and known[f].go), ""),
            begins_at=begins_at,
            ends_at=ends_at,
            choice=" ".join(f"{name}={value}" for name, value in chosen),
            violated=self._said(failures),
            thrown="" if s.thrown is None else s.thrown[0],
        )
        self._steps += 1

    def _said(self, what: Iterable[Shown]) -> str:
        """What is violated, each clause once."""
        found = (violation_of(self.machine, w, ()) for w in what)
        return "; ".join(dict.fromkeys(f"{v.property} {v.name}: {v.clause}" for v in found))


def _action(stack: Position, then: Position) -> str:
    """The function that a step is about: the innermost where it begins, or, from the thread's own, the one that it enters."""
    at = then if len(stack) == 1 < len(then) else stack
    return at[-1][0].rpartition(".")[2]


def _shown(cells: Iterable[str], show: Sequence[str]) -> list[str]:
    """The paths that some pattern fits, in the order of the state."""
    paths, out = list(cells), set[str]()
    for pattern in show:
        wanted = re.compile(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), re.DOTALL)
        fitting = {p for p in paths if wanted.fullmatch(p)}
        if not fitting:
            some = ", ".join(paths[:_NAMED]) + (", ..." if len(paths) > _NAMED else "")
            raise UsageError(f"--show {pattern}: no cell of the state has such a name; they are: {some}")
        out |= fitting
    return [p for p in paths if p in out]
