"""What the tests of the linear executor share: random heaps, all paths of a function, and terms evaluated by hand.

A term is evaluated here without z3: initial functions are looked up in the plain heap's cells, named reads in their
definitions, and a fresh constant gets the value that the facts which introduce it leave.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import takewhile
from typing import Any

from terms_rig import OPERATORS, Node, node_of

from checker.frontend.program import Program
from checker.load import Spec, load
from checker.symbolic.cells import Cells
from checker.symbolic.memory import Value, Writes
from checker.symbolic.number import Term
from checker.symbolic.paths import Path, walk
from checker.symbolic.splitting import Obligation, Splitter
from checker.symbolic.state import State
from spec.language import Edit, EvaluationError, Throw
from spec.language.plain import World, encode
from spec.language.runtime import Runtime, active
from spec.language.schema import Schema

PAGES = {"arena_pages": 12, "spans": 10, "max_mheap_list": 3, "held": 4, "max_time": 200, "large_pages": 5, "stack_pages": 4}
BYTES = {**PAGES, "page_shift": 2, "phys_page_size": 16, "arena_start": 64, "heap_alloc_chunk": 16, "ptr_size": 1}
REAL_PAGES = {
    **PAGES,
    "page_shift": 13,
    "phys_page_size": 4096,
    "arena_start": 1 << 20,
    "heap_alloc_chunk": 1 << 15,
    "ptr_size": 8,
    "word_bits": 64,
    "gen_bits": 32,
    "mspan_size": 160,
}
MOST = 300
"""Values that are tried of a constant that linear facts leave open."""

Cell = tuple[str, str, int, int | None]
Cells_ = dict[Cell, int]


@dataclass(frozen=True, slots=True)
class Scene:
    """A spec with parameters, and its typed functions."""

    spec: Spec
    schema: Schema
    program: Program
    parameters: tuple[tuple[str, int], ...] = ()

    def typed(self, name: str) -> Any:
        module, _, short = name.rpartition(".")
        return self.program.function(getattr(self.spec.modules[module], short))

    def call(self, name: str, *args: Any) -> Any:
        module, _, short = name.rpartition(".")
        with active(Runtime(self.spec.parameters)):
            return getattr(self.spec.modules[module], short)(*args)


@lru_cache(maxsize=32)
def _scene(parameters: tuple[tuple[str, int], ...], edits: tuple[Edit, ...]) -> Scene:
    spec = load(edits=edits)
    spec.parameters.reset(dict(parameters))
    schema = Schema(spec.scenarios["default"].root, spec.parameters, 1)
    return Scene(spec, schema, Program(spec, schema, []), parameters)


def scene(parameters: Mapping[str, int], *edits: Edit) -> Scene:
    """The spec with these parameters, which stay in force for what is called through it."""
    return _scene(tuple(sorted(parameters.items())), edits)


def filled(stage: Scene, rng: random.Random, steps: int = 14) -> tuple[World, list[Any]]:
    """A heap after random operations of its clients, and the spans that they hold."""
    world = World(stage.schema)
    h, held = world.root, list[Any]()
    stage.call("environment.start.initial", h)
    for _ in range(rng.randrange(2, steps)):
        h.clock += rng.randrange(1, 4)
        kind = rng.random()
        if held and kind < 0.4:
            s = held.pop(rng.randrange(len(held)))
            h.mutators[0].root[0] = s.start_addr
            stage.call("environment.mutator.give_up", h, h.mutators[0], 0)
        elif kind < 0.5:
            stage.call("scavenge.scavenge", h, h.clock, rng.choice([0, 2, 5]))
        elif h.nspan + 3 < len(h.mspans):
            v = _allocate(stage, h, rng)
            held += [stage.call("table.lookup", h, v)] if v else []
    return world, held


def _allocate(stage: Scene, h: Any, rng: random.Random) -> int:
    kind, most = rng.randrange(3), rng.choice([2, 5])
    if kind == 0:
        return int(stage.call("environment.stacks.stackalloc", h, rng.randrange(3)))
    if kind == 1:
        return int(stage.call("environment.client.alloc_small_span", h, rng.randrange(1, 3), 1))
    return int(stage.call("environment.client.alloc_large_object", h, rng.randrange(1, most + 1)))


@dataclass(frozen=True, slots=True)
class Outcome:
    """One path through a function; ``end`` is None where it stops in an error.

    ``told`` of its facts are what the path was told to begin with, ``nodes`` are the facts as trees, and ``obliged``
    are the places of those that only say that no error happened.
    """

    facts: tuple[Term, ...]
    obligations: tuple[Obligation, ...]
    end: State | None
    memory: Cells
    told: int
    nodes: tuple[Node, ...]
    obliged: frozenset[int]


def outcomes(
    stage: Scene,
    name: str,
    args: Callable[[Cells], dict[str, Value]],
    premises: Callable[[Cells], list[Term]] = lambda memory: [],
    **named: Any,
) -> list[Outcome]:
    """All paths through a function."""
    function, found = stage.typed(name), list[Outcome]()

    def run(path: Path) -> None:
        memory = Cells(stage.schema)
        splitter = Splitter(stage.program, memory, path, **named)
        values = args(memory)
        path.tell(*premises(memory))
        told = len(path.facts)
        splitter.note()
        end = splitter.run(State(), function, values)
        splitter.note()
        facts, goals = tuple(path.facts), {(o.facts, o.goal.get_id()) for o in splitter.obligations}
        obliged = frozenset(i for i, f in enumerate(facts) if (i, f.get_id()) in goals)
        nodes = tuple(map(node_of, facts))
        found.append(Outcome(facts, tuple(splitter.obligations), end, memory, told, nodes, obliged))

    walk(run, [])
    return found


def cells_of(world: World) -> Cells_:
    """The content of every cell."""
    return {c[:4]: c[4] for c in world.cells()}


@dataclass(frozen=True, slots=True)
class Ended:
    """How the plain heap ended: with a result, or with a throw or an error."""

    result: int | None
    kind: str = ""
    message: str = ""


def after(call: Callable[[], Any]) -> Ended:
    """Run the plain heap."""
    try:
        return Ended(encode(call()))
    except Throw as e:
        return Ended(None, "throw", str(e))
    except EvaluationError as e:
        return Ended(None, "index" if "index" in str(e) else "range")
    except AttributeError as e:
        if "NoneType" not in str(e):
            raise
        return Ended(None, "null")


def agree(found: Iterable[Outcome], before: Cells_, now: Cells_, constants: Mapping[str, int], got: Ended) -> None:
    """Exactly one path is true of the heap, or none and an error; it stores, returns and throws what the plain heap did."""
    taken, failing = list[tuple[Outcome, Reading]](), set[tuple[str, str]]()
    for outcome in found:
        reading = Reading(outcome, before, constants)
        held = reading.holding()
        if reading.chosen:  # a loop's counter stands for each round; an error may come in the last one
            other = Reading(outcome, before, constants, last=True)
            reading, held = min((reading, held), (other, other.holding()), key=lambda x: x[1])
        # The first that fails: the path goes on only for heaps of which it is true.
        wrong = [o for o in outcome.obligations if o.facts <= held and not reading.value(o.goal)]
        failing |= {(o.kind, o.message if o.kind == "throw" else "") for o in wrong[:1]}
        if held == len(outcome.facts) and outcome.end is not None:
            taken.append((outcome, reading))
    assert failing == ({(got.kind, got.message)} if got.kind else set()), (failing, got)
    assert len(taken) == (0 if got.kind else 1), [list(o.facts) for o, _ in taken]
    for outcome, reading in taken:
        assert outcome.end is not None
        stored = reading.stored(outcome.end.writes)
        assert stored.keys() <= before.keys()
        after_it = {**before, **stored}
        assert after_it == now, {k: (before[k], after_it[k], now[k]) for k in now if after_it[k] != now[k]}
        if outcome.end.result is not None:
            assert reading.value(outcome.end.result) == got.result


class Reading:
    """What terms are for one heap and arguments, on one path.

    Parameters
    ----------
    outcome : Outcome
    before : dict
        The heap's cells.
    constants : mapping
        The values of arguments, by name.
    last : bool
        Of the values that facts leave to a fresh constant, take the largest instead of the least.

    Attributes
    ----------
    chosen : bool
        Some constant had more than one value left.
    """

    def __init__(self, outcome: Outcome, before: Cells_, constants: Mapping[str, int], last: bool = False) -> None:
        self.chosen = False
        self._last = last
        self.outcome = outcome
        self._cells = before
        self._constants = dict(constants)
        self._definitions = {str(c): v for c, v in outcome.memory.definitions}

    def holding(self) -> int:
        """How many facts hold, up to the first that does not; what the path was told to begin with is taken for granted."""
        nodes = self.outcome.nodes
        for k in range(self.outcome.told, len(nodes)):
            self._settle(k)
            if not self._node(nodes[k]):
                return k
        return len(nodes)

    def value(self, value: Value) -> int:
        """The value of a number or truth value."""
        return self._node(node_of(value))

    def stored(self, writes: Writes) -> Cells_:
        """The cells that were stored to, with their last value."""
        out: Cells_ = {}
        for (record, field), stores in writes.items():
            for w in stores:
                if not self.value(w.guard):
                    continue
                number, value = self.value(w.number), self.value(w.value)
                if w.index is None:
                    out[record, field, number, None] = value
                    continue
                first = self.value(w.index)
                last = first + 1 if w.stop is None else self.value(w.stop)
                out |= {(record, field, number, i): value for i in range(first, last)}
        return out

    def _node(self, node: Node) -> int:
        if node.op == "constant":
            return self._constant(node.name)
        if node.op == "number":
            return node.number
        values = node.children
        if node.op == "ite":
            return self._node(values[1] if self._node(values[0]) else values[2])
        if node.op == "and":
            return int(all(self._node(v) for v in values))
        if node.op == "or":
            return int(any(self._node(v) for v in values))
        if node.op == "implies":
            return int(not self._node(values[0]) or bool(self._node(values[1])))
        items = [self._node(v) for v in values]
        if node.op == "function":
            return self._function(node.name, items)
        return int(OPERATORS[node.op](items))

    def _function(self, name: str, where: list[int]) -> int:
        if name.startswith("down."):
            unit = self._constants[name.removeprefix("down.")]
            return where[0] // unit * unit
        record, _, field = name.partition(".")
        return self._cells.get((record, field, where[0], where[1] if len(where) > 1 else None), 0)

    def _constant(self, name: str) -> int:
        if name not in self._constants:
            assert name in self._definitions, f"{name} has no value yet"
            self._constants[name] = self.value(self._definitions[name])
        return self._constants[name]

    def _settle(self, k: int) -> None:
        """Give the fresh constants of a fact the value that the next facts leave; of several, one."""
        for name in sorted(self._free(self.outcome.nodes[k])):
            told = list(takewhile(partial(self._speaks, name), self._definition(k)))
            lo, hi = self._ends(name, told)
            tried = range(lo, min(hi, lo + MOST) + 1)
            fits = [v for v in tried if len(tried) == 1 or all(self._with(name, v, n) for n in told)] or [lo]
            self._constants[name] = fits[-1 if self._last else 0]
            self.chosen |= len(fits) > 1

    def _speaks(self, name: str, node: Node) -> bool:
        return name in self._free(node)

    def _definition(self, k: int) -> Iterator[Node]:
        """The facts from the k-th on, up to one that says that no error happened."""
        nodes = self.outcome.nodes
        return (nodes[i] for i in takewhile(lambda i: i not in self.outcome.obliged, range(k, len(nodes))))

    def _with(self, name: str, value: int, node: Node) -> int:
        """A node's value if a constant had this one; what is worked out on the way is forgotten."""
        saved = dict(self._constants)
        self._constants[name] = value
        result = self._node(node)
        self._constants = saved
        return result

    def _free(self, node: Node) -> set[str]:
        """The fresh constants below a node without a value, through definitions."""
        return {n for n in self._leaves(node) if n not in self._constants}

    def _leaves(self, node: Node) -> Iterator[str]:
        for name in node.constants:
            if name in self._definitions:
                if name not in self._constants:
                    yield from self._leaves(node_of(self._definitions[name]))
            else:
                yield name

    def _ends(self, name: str, told: list[Node]) -> tuple[int, int]:
        """The interval that linear facts leave of a constant."""
        lo, hi = -(1 << 70), 1 << 70
        for node in told:
            for relation in self._relations(node, name):
                zero, one = self._difference(relation, name, 0), self._difference(relation, name, 1)
                slope = one - zero  # left - right is zero + slope * constant
                bound = {"<": 1, ">": -1}.get(relation.op, 0)
                if slope and relation.op in ("<", "<=", "=="):
                    end = -(zero + bound)
                    hi, lo = (min(hi, end // slope), lo) if slope > 0 else (hi, max(lo, -(end // -slope)))
                if slope and relation.op in (">", ">=", "=="):
                    end = -(zero + bound)
                    lo, hi = (max(lo, -(-end // slope)), hi) if slope > 0 else (lo, min(hi, -end // -slope))
        return lo, hi

    def _relations(self, node: Node, name: str) -> Iterator[Node]:
        """The comparisons that a node says to hold."""
        if node.op == "and":
            for n in node.children:
                yield from self._relations(n, name)
        elif node.op == "implies" and name not in self._free(node.children[0]) and self._node(node.children[0]):
            yield from self._relations(node.children[1], name)
        elif node.op in ("<=", "<", ">=", ">", "=="):
            yield node

    def _difference(self, relation: Node, name: str, value: int) -> int:
        left, right = (self._with(name, value, n) for n in relation.children)
        return left - right
