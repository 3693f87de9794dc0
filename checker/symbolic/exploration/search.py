"""Breadth-first search over sequences of operations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from checker.errors import LanguageError
from checker.frontend import tree as t
from checker.frontend.program import Program
from checker.load import Spec
from checker.symbolic.exploration.affine import Compare, Condition, junction, negation
from checker.symbolic.exploration.executor import Ending, Setting, Stopped, Value
from checker.symbolic.exploration.heap import Heap, content, lengths
from checker.symbolic.exploration.space import Space
from checker.symbolic.exploration.statements import Chosen, Executor, Violated
from checker.symbolic.exploration.trail import Known, Trail
from checker.symbolic.exploration.tree import Tree
from checker.symbolic.number import SymbolicError
from spec.language import Finding, Parameters, Property, Sequences
from spec.language.plain import World
from spec.language.runtime import Runtime, active
from spec.language.schema import Schema

HERE = 1
"""The number of the root."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a sequence, with what it chose."""

    name: str
    chosen: tuple[Chosen, ...]


@dataclass(slots=True)
class Node:
    """A path through a sequence of operations.

    Attributes
    ----------
    operations : tuple of Operation
    facts : tuple of Condition
        On the inputs.
    inputs : dict
        Some that take the path.
    heap : Heap
        After it.
    known : Known
        The facts.
    """

    operations: tuple[Operation, ...]
    facts: tuple[Condition, ...]
    inputs: dict[str, int]
    heap: Heap
    known: Known


@dataclass(frozen=True, slots=True)
class Suspect:
    """A path that violates something, for some inputs at least; the plain heap has still to say so.

    Attributes
    ----------
    property, name, clause : str
    kind : str
        ``clause``, ``throw`` or ``error``.
    place : str
    operations : tuple of Operation
    facts : tuple of Condition
    inputs : dict
    """

    property: str
    name: str
    clause: str
    kind: str
    place: str
    operations: tuple[Operation, ...]
    facts: tuple[Condition, ...]
    inputs: dict[str, int]


@dataclass(slots=True)
class Counts:
    """What was done.

    Attributes
    ----------
    paths : list of int
        By number of operations.
    unsupported : dict
        By property number: why it cannot be evaluated symbolically.
    explained : dict
        How often each finding explained a failed clause, by id.
    """

    paths: list[int] = field(default_factory=list)
    unsupported: dict[int, str] = field(default_factory=dict)
    explained: dict[str, int] = field(default_factory=dict)


class Exploration:
    """Sequences of operations of a spec.

    Parameters
    ----------
    spec : Spec
    sequences : Sequences
    parameters : mapping
        Over those of the sequences.
    properties : list of Property, optional
        Those to check; all by default.
    strict : bool
        Findings explain nothing.
    """

    def __init__(
        self,
        spec: Spec,
        sequences: Sequences,
        parameters: Mapping[str, int],
        *,
        properties: list[Property] | None = None,
        strict: bool = False,
    ) -> None:
        self.spec, self.sequences = spec, sequences
        self.settings = {**sequences.parameters, **parameters}
        self.varies = {k: v for k, v in sequences.varies.items() if k not in parameters}
        self.asked = spec.properties if properties is None else properties
        self.properties = [p for p in self.asked if p.kind in _KINDS]
        self.space = Space()
        self.counts = Counts()
        each = self._worlds()
        schemas = [w.schema for _, w in each]
        self.program = Program(spec, schemas[0], self.properties)
        for name, values in self.varies.items():
            self.space.parameterise(name, values)
        self.setting = Setting(self.program, self.space, [p for p, _ in each], lengths(schemas))
        self.operations = [self.program.function(f) for f in sequences.operations]
        self._typed = {i: self.program.function(p.function) for i, p in enumerate(self.properties) if self.is_about_root(p)}
        self.findings = [] if strict else [f for f in spec.findings.values() if self._explains(f)]
        firsts = [content(w) for _, w in each]
        for p in firsts[1:]:
            for place, value in p.items():
                if value != firsts[0][place]:
                    raise SymbolicError(
                        f"{place[0]}.{place[1]}", f"state 0 depends on {next(iter(self.varies))}; give it a value"
                    )
        self.first = firsts[0]

    def _worlds(self) -> list[tuple[Parameters, World]]:
        """The plain heap in state 0, for each value of the parameter that varies."""
        out: list[tuple[Parameters, World]] = []
        (name, values) = next(iter(self.varies.items()), ("", (0,)))
        for v in values:
            self.spec.parameters.reset({**self.settings, **({name: v} if name else {})})
            copy = type(self.spec.parameters)()
            copy.reset(self.spec.parameters.values())
            world = World(Schema(self.sequences.root, copy, threads=1))
            with active(Runtime(self.spec.parameters)):
                self.sequences.initial(world.root)
            out.append((copy, world))
        return out

    def is_about_root(self, p: Property) -> bool:
        """Whether a property is about this root: a spec may have several."""
        try:
            self.program.function(p.function)
        except LanguageError:
            return False
        return True

    def _explains(self, f: Finding) -> bool:
        try:
            self.program.function(f.explains)
        except LanguageError:
            return False
        return True

    def start(self) -> Node:
        """State 0."""
        return Node((), (), {}, Heap(self.first), Known())

    def after(self, node: Node) -> list[tuple[Node | Suspect, tuple[Ending, ...]]]:
        """All paths with one operation more, each with the ends of operations on its way."""
        out: list[tuple[Node | Suspect, tuple[Ending, ...]]] = []
        for function in self.operations:
            for trail, result in self._tree(node).runs(lambda trail, f=function: self._operate(node, trail, f)):  # type: ignore[misc]
                if result is not None:
                    executor, stopped = result
                    out.append((self._ended(node, function, trail, executor, stopped), tuple(executor.endings)))
        return [(self._simplified(n) if isinstance(n, Node) else n, e) for n, e in merged(out, len(node.facts))]

    def _simplified(self, node: Node) -> Node:
        """The same path, with the inputs that have one value only put in."""
        single = {f.parts[0][0]: f for f in node.facts if isinstance(f, Compare) and f.op == "==" and len(f.parts) == 1}
        values = {n: -f.base * f.parts[0][1] for n, f in single.items()}
        if values:
            node.heap.replace(values)
            facts = [*single.values(), *(self.space.replaced(f, values) for f in node.facts if f not in single.values())]
            node.facts = tuple(dict.fromkeys(f for f in facts if f is not True))
            node.known = Known(node.facts)
        return node

    def _tree(self, node: Node) -> Tree:
        return Tree(self.space, node.facts, node.inputs, node.known)

    def _operate(self, node: Node, trail: Trail, function: t.Function) -> tuple[Executor, Stopped | None]:
        executor = Executor(self.setting, trail, node.heap.copy(), prefix=f"{len(node.operations) + 1}:")
        try:
            executor.call(function.name, [HERE])
        except Stopped as e:
            return executor, e
        return executor, None

    def _ended(self, node: Node, f: t.Function, trail: Trail, x: Executor, stopped: Stopped | None) -> Node | Suspect:
        operations = (*node.operations, Operation(f.name.rpartition(".")[2], tuple(x.chosen)))
        facts = (*node.facts, *trail.taken)
        if stopped is None:
            return Node(operations, facts, trail.inputs, x.heap, trail.known)
        id, name = ("P6", "legal state (a throw of the heap)") if stopped.kind == "throw" else ("", "error of the spec")
        return Suspect(id, name, stopped.message, stopped.kind, stopped.place, operations, facts, trail.inputs)

    def check(self, node: Node, endings: tuple[Ending, ...]) -> list[Suspect]:
        """What a path violates; that all its inputs do the same as the first is asked for all properties at once."""
        due: list[tuple[int, tuple[Value, ...], Heap, int]] = [
            (e.property, e.args, e.heap, 1) for e in endings if e.property not in self.counts.unsupported
        ]
        due += [
            (i, (HERE,), node.heap, 0)
            for i in self._typed
            if self.properties[i].kind == "invariant" and i not in self.counts.unsupported
        ]
        tree, out = self._tree(node), []
        open_ = []
        for d in due:
            runs = tree.runs(lambda trail, d=d: self._evaluate(trail, *d))  # type: ignore[misc]
            trail, violated = next(runs)
            if violated is not None:
                out.append(self._suspect(node, trail, violated))
            if trail.taken:
                open_.append((trail.taken, runs))
        if tree.all_take(taken for taken, _ in open_):
            return out
        for _, runs in open_:
            out += [self._suspect(node, trail, violated) for trail, violated in runs if violated is not None]
        return out

    def _suspect(self, node: Node, trail: Trail, v: Violated) -> Suspect:
        p = self.properties[v.property]
        return Suspect(p.id, p.name, v.clause, "clause", v.place, node.operations, (*node.facts, *trail.taken), trail.inputs)

    def _evaluate(self, trail: Trail, number: int, args: tuple[Value, ...], heap: Heap, thread: int) -> Violated | None:
        executor = Executor(self.setting, trail, heap, thread)
        executor.property, executor.explain = number, self._explain
        try:
            executor.call(self._typed[number].name, list(args))
        except Violated as e:
            return e
        except Stopped as e:
            raise SymbolicError(e.place, f"property {self.properties[number].id}: {e.message}") from e
        except SymbolicError as e:
            self.counts.unsupported[number] = str(e)
        return None

    def _explain(self, executor: Executor, clause: str, witness: dict[str, Value]) -> bool:
        p = self.properties[executor.property]
        for f in self.findings:
            if f.property == p.id and f.clause == clause:
                typed = self.program.function(f.explains)
                answer: Any = executor.call(typed.name, [HERE, *(witness[n] for n in typed.params[1:])])
                if executor.decide(answer, typed.place):
                    self.counts.explained[f.id] = self.counts.explained.get(f.id, 0) + 1
                    return True
        return False


def merged(
    found: list[tuple[Node | Suspect, tuple[Ending, ...]]], known: int
) -> list[tuple[Node | Suspect, tuple[Ending, ...]]]:
    """The paths, with those that end in the same heap made one; ``known`` facts are those of the path before."""
    out: list[tuple[Node | Suspect, tuple[Ending, ...]]] = []
    for node, endings in found:
        if isinstance(node, Node):
            for i, (other, others) in enumerate(out):
                same = isinstance(other, Node) and (other.operations, other.heap, others) == (
                    node.operations,
                    node.heap,
                    endings,
                )
                if same and isinstance(other, Node):
                    out[i] = (_either(other, node, known), endings)
                    break
            else:
                out.append((node, endings))
        else:
            out.append((node, endings))
    return out


def _either(a: Node, b: Node, known: int) -> Node:
    """The two paths as one."""
    left, right = a.facts[known:], b.facts[known:]
    shared = [f for f in left if f in right]
    rest = [junction("and", [f for f in side if f not in shared]) for side in (left, right)]
    if negation(rest[0]) != rest[1]:
        shared.append(junction("or", rest))
    facts = (*a.facts[:known], *(f for f in shared if not isinstance(f, bool)))
    return Node(a.operations, facts, a.inputs, a.heap, Known(facts))


_KINDS = ("invariant", "end")
"""The kinds of properties that are checked between operations and at their ends."""
