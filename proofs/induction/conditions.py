"""The conditions of one operation: every path through it, and what must hold on it and after it."""

from __future__ import annotations

from dataclasses import dataclass, field

import z3

from checker.frontend import tree as t
from checker.frontend.program import Program
from checker.symbolic.cells import MOST_RECORDS, Cells
from checker.symbolic.memory import Value, Write
from checker.symbolic.number import Num, Term, conjunction, num
from checker.symbolic.paths import Path, walk
from checker.symbolic.splitting import TRUE, Splitter
from checker.symbolic.state import State
from proofs.counterexample import Counterexample
from proofs.heaps import program, typed
from proofs.induction import invariant
from proofs.induction.contracts import STORING, contracts
from proofs.induction.heap import ARENA_PAGES, HERE, PAGE, POINTER, Heap, Whole, cells
from proofs.induction.instances import Instances, Made
from proofs.induction.operation import After, Args, Operation
from proofs.induction.showing import Shown, show
from proofs.kernel import Condition, Problem, Query
from spec.language import Edit

SCALES = {"any": ("any",), "split": ("large", "small")}
"""Physical pages of several heap pages, and of one or less, apart where the code looks; else any size, and roundings
to any power of two, of which the code's and the invariant's need not even be the same."""

MOST_RATIO = 1 << 16
"""Heap pages in a physical page: 512 MB, more than any machine has."""

SPANS = 1 << 20
"""Structs that can be handed out."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What one path is run with.

    Attributes
    ----------
    splitter : Splitter
    instances : Instances
        Of the invariant, for the heap before.
    whole : Whole
    args : mapping
        Of the operation.
    label : str
        Which physical pages there are.
    physical : Num
        Bytes in one.
    """

    splitter: Splitter
    instances: Instances
    whole: Whole
    args: Args
    label: str
    physical: Num

    @property
    def call(self) -> dict[str, Value]:
        """The arguments with the heap."""
        return {"h": HERE, **self.args}


@dataclass(slots=True)
class Conditions:
    """Collects the conditions of an operation, path by path.

    Attributes
    ----------
    op : Operation
    program : Program
    function : Function
    found : list of Condition
    premises : dict of str to term
    paths : int
        That return.
    """

    op: Operation
    program: Program
    function: t.Function
    found: list[Condition] = field(default_factory=list)
    premises: dict[str, Term] = field(default_factory=dict)
    paths: int = 0
    _obliged: set[tuple[object, ...]] = field(default_factory=set)
    _runs: dict[int, tuple[Setting, Heap | None]] = field(default_factory=dict)
    """By condition: the path that it is about, and the heap at its end."""
    _made: dict[str, Made] = field(default_factory=dict)

    def run(self, scale: str, path: Path) -> None:
        """Run the operation on one path, and note what must hold."""
        x = self.setting(scale, path)
        end = x.splitter.run(State(), self.function, x.call)
        self._oblige(x)
        if end is not None:
            self._conclude(x, Heap(x.splitter.memory, end.writes), end.result)

    def counterexample(self, q: Query) -> Counterexample | None:
        """The smallest heap on which a condition is broken, if one is found in time."""
        x, after = self._runs[id(q.condition)]

        def named() -> list[Term]:
            x.splitter.note()
            return x.splitter.path.facts if after is not None else []

        function = self.op.function.rpartition(".")[2]
        shown = Shown(x.instances, x.whole, x.physical, function, [*x.args.items()], after, named)
        return show(shown, q.condition.name, q.facts, q.negated)

    def setting(self, scale: str, path: Path) -> Setting:
        """An arbitrary heap with the invariant and the precondition, and the executor for one path on it."""
        memory = cells(self.program.schema)
        physical, ratio = _physical(memory, scale)
        whole = Whole(memory, ratio)
        instances = Instances(memory, whole, self._made.setdefault(scale, {}))
        before = instances.heap
        splitter: Splitter = Splitter(
            self.program,
            memory,
            path,
            variables={"arena_start": before.arena * PAGE, "phys_page_size": physical},
            summaries=contracts(lambda: splitter),
            bounds={("Heap", "spans"): _mapped},
            after={"environment.fixalloc.fixalloc_alloc": _popped, "environment.fixalloc.fixalloc_free": _pushed},
            learn=instances.fresh,
        )
        splitter.storing = STORING
        args = self.op.arguments(memory)
        for s in self.op.meets(args):
            instances.meet_whole(s)
        premises = {**invariant.of_heap(before), **_common(before), **self.op.requires(before, args)}
        self.premises |= {name: p for name, p in premises.items() if not z3.is_true(p)}
        path.tell(*premises.values())
        splitter.note()
        return Setting(splitter, instances, whole, args, f"{scale} physical pages", physical)

    def _conclude(self, x: Setting, heap: Heap, result: Value) -> None:
        """What must hold of the heap at the end of the path."""
        self.paths += 1
        goals = self._goals(x, heap, result)
        x.splitter.note()
        given = tuple(x.splitter.path.facts)
        for name, goal in goals.items():
            if not z3.is_true(goal):
                self._add(Condition(f"{name} (path {self.paths}, {x.label})", TRUE, goal, given=given), x, heap)

    def _oblige(self, x: Setting) -> None:
        """That no throw and no error happens on the way; paths that begin alike share these."""
        for o in x.splitter.obligations:
            key = (x.label, o.where, o.place, o.kind, o.message)
            if key not in self._obliged:
                self._obliged.add(key)
                given = tuple(x.splitter.path.facts[: o.facts])
                self._add(Condition(f"{o.kind} at {o.place}: {o.message} ({x.label})", TRUE, o.goal, given=given), x, None)

    def _add(self, condition: Condition, x: Setting, heap: Heap | None) -> None:
        self.found.append(condition)
        self._runs[id(condition)] = x, heap

    def _goals(self, x: Setting, heap: Heap, result: Value) -> dict[str, Term]:
        """What must hold after: the invariant and the step clauses, of a span, page, list and place that may be any."""
        instances, whole, ranged = x.instances, x.whole, heap.memory.ranged
        before = instances.heap
        s = ranged(z3.Int("any_span"), 1, MOST_RECORDS >> 1)
        p = ranged(z3.Int("any_page"), -1, 2 * ARENA_PAGES)
        number = ranged(z3.Int("any_list"), 1, MOST_RECORDS >> 1)
        k = ranged(z3.Int("any_place"), 1, MOST_RECORDS >> 1)
        with instances.quiet():
            goals = {
                **invariant.of_heap(heap),
                **invariant.of_span(heap, s, whole),
                **invariant.of_links(heap, s),
                **invariant.of_list(heap, number),
                **invariant.of_page(heap, p),
                **invariant.of_page_and_span(heap, s, p),
                **invariant.of_place(heap, k),
                **self.op.ensures(After(before, heap, x.args, result, s, p, whole)),
            }
        instances.meet("list", number)
        instances.meet("place", k)
        for q in (p, p + 1):
            instances.meet("page", q)
            instances.meet("span", before.owner(q))
        instances.meet("span", s)
        return goals


def keeps(op: Operation, edits: tuple[Edit, ...] = ()) -> Problem:
    """The problem: from a heap with the invariant and the precondition, every path keeps the one and its step clauses.

    Parameters
    ----------
    op : Operation
    edits : tuple of Edit
        Of the spec.
    """
    made = program(edits, spans=SPANS)
    conditions = Conditions(op, made, typed(made, op.function))
    for scale in SCALES[op.scale]:

        def run(path: Path, scale: str = scale) -> None:
            conditions.run(scale, path)

        walk(run, [])
    return Problem(
        premises=conditions.premises,
        conditions=conditions.found,
        paths=conditions.paths,
        strategy="integers",
        show=conditions.counterexample,
    )


def _physical(memory: Cells, scale: str) -> tuple[Num, Num | None]:
    """The physical page size in bytes, and how many heap pages it is, None for one or less."""
    ratio = memory.ranged(z3.Int("ratio"), 1 if scale == "any" else 2, MOST_RATIO)
    if scale == "large":
        return ratio * PAGE, ratio
    most = PAGE if scale == "small" else MOST_RATIO * PAGE
    return memory.ranged(z3.Int("phys_page_size"), 1, most), ratio if scale == "any" else None


def _common(h: Heap) -> dict[str, Term]:
    """What every operation takes for granted besides the invariant."""
    return {"there are structs to hand out": h.root.nspan + 2 <= SPANS, "the clock runs": h.root.clock >= 1}


def _mapped(x: Splitter, state: State, index: Num) -> tuple[Term, int]:
    """An index of the table is inside if its entry is mapped."""
    mapped = x.read(state, "Heap", "spans_mapped", HERE, None)
    return conjunction([index >= 0, index * POINTER < mapped]), 1 << 60


def _popped(x: Splitter, state: State, args: list[Value], result: Value) -> None:
    """The allocator took the top of its stack, if it changed its list."""
    stores = state.writes.get(("FixAlloc", "list"), ())
    if len(stores) > len(state.writes.get(("", "dead"), ())):
        taken: Num = x.memory.select(stores[-1].guard, num(1), num(0))
        _ghost(x, state, "dead", num(0), x.read(state, "", "dead", num(0), None) - taken)


def _pushed(x: Splitter, state: State, args: list[Value], result: Value) -> None:
    """The allocator put a struct on top of its stack."""
    dead = x.read(state, "", "dead", num(0), None) + 1
    _ghost(x, state, "dead", num(0), dead)
    _ghost(x, state, "at", dead, args[1])
    _ghost(x, state, "depth", args[1], dead)


def _ghost(x: Splitter, state: State, name: str, where: Num, value: Num) -> None:
    x.write(state, "", name, Write(TRUE, where, None, value))
