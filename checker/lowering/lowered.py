"""A scenario lowered to thread graphs over one flat state: everything about it that is known before it is executed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

from checker.errors import AssumptionError, LanguageError
from checker.frontend.checks import (
    place_of_scenario,
    require_ghost,
    require_instant,
    require_parameters,
    require_predicates,
    require_pure,
    require_unobserved,
)
from checker.frontend.declarations import memory_of, require_when
from checker.frontend.program import Block, Program
from checker.frontend.tree import Choose, Function
from checker.load import Spec
from checker.lowering import support
from checker.lowering.analyse import finish
from checker.lowering.effects import Effects
from checker.lowering.flatten import Flattener
from checker.lowering.graph import Cut, Graph, Position
from checker.lowering.layout import Layout
from checker.lowering.lock_order import lock_order
from checker.lowering.thread_layout import ThreadLayout, thread_layout
from checker.reduce.forget import require_cells
from spec.language import ParameterError, Property, Scenario
from spec.language.schema import Schema


class Lowered:
    """The threads of a scenario as graphs over one flat state.

    Parameters
    ----------
    spec : Spec
    scenario : Scenario
    parameters : mapping
        Over the scenario's own.
    atomicity : str
        ``lock`` or ``fine``.
    properties : list of Property, optional
        Those to check; all of the spec by default.
    explained : bool
        Whether findings explain violations.
    without : collection of str
        Thread functions of the scenario that are left out.

    Attributes
    ----------
    declared, scenario : Scenario
        As the spec has it, and without the threads that are left out.
    strict : bool
        Findings explain nothing.
    instances : list
        The threads as (name, function, number of its own record or 0).
    graphs, thread_layouts : list
        By thread; threads with the same function share a graph.
    points, first_points : list
        All scheduling points as (function, cut), and for each thread the number of the one with label 1.
    asked : bool
        The properties were chosen: they are checked whatever the scenario says that it decides.
    size : int
        Bytes in a state.
    initial_name : str
        The function that builds state 0.
    counts, steps_from, antecedents, explained : list of int
        How often each block was entered, a step was taken from each point, an antecedent was met, a finding explained
        a violation. Whoever executes the steps counts here.

    Raises
    ------
    AssumptionError
        A parameter is unknown, out of range, or breaks an assumption; or a thread that is left out is not there.
    LanguageError
        The spec is outside the language.
    """

    def __init__(
        self,
        spec: Spec,
        scenario: Scenario,
        parameters: Mapping[str, int],
        *,
        atomicity: str = "lock",
        properties: list[Property] | None = None,
        explained: bool = True,
        without: Collection[str] = (),
    ) -> None:
        self.spec, self.declared, self.atomicity = spec, scenario, atomicity
        self.without, self.strict = tuple(without), not explained
        self.scenario = scenario = _thinned(scenario, without)
        self.asked = properties is not None
        try:
            spec.parameters.reset({**scenario.parameters, **parameters})
        except ParameterError as e:
            raise AssumptionError(str(e)) from e
        self.parameters = spec.parameters.values()
        self.instances = thread_instances(spec, scenario)
        self.threads = [name for name, _, _ in self.instances]
        self.schema = memory_of(spec, scenario, len(self.instances))
        self.properties = [p for p in (spec.properties if properties is None else properties) if self._about_root(p.function)]
        self.findings = [f for f in spec.findings.values() if explained and self._about_root(f.explains)]
        self.forgets = [f for f in spec.forgets if self._about_root(f.when)]
        self.program = Program(spec, self.schema, self.properties)
        self.layout = Layout(self.schema)
        self.graphs: list[Graph] = []
        self.thread_layouts: list[ThreadLayout] = []
        self.points: list[tuple[str, Cut]] = []
        self.first_points: list[int] = []
        self._lower()
        counted = len(self.program.blocks), len(self.properties), len(self.findings), len(self.points)
        self._namespace = support.namespace(*counted)
        self.counts: list[int] = self._namespace["C"]
        self.steps_from: list[int] = self._namespace["R"]
        self.antecedents: list[int] = self._namespace["G"]
        self.explained: list[int] = self._namespace["F"]

    def _about_root(self, function: Callable[..., object]) -> bool:
        """Whether a property or finding is about this scenario's root: a spec may have several."""
        first = next(iter(function.__code__.co_varnames), None)
        return first is not None and function.__annotations__.get(first) in (self.scenario.root.__name__, self.scenario.root)

    def _elements(self) -> list[str]:
        """The type of each thread's own record; empty if it has none."""
        fields = self.schema.records[self.schema.root].fields
        out: list[str] = []
        for thread in self.scenario.threads:
            out += [fields[thread.each].nested] * (fields[thread.each].length or 0) if thread.each else [""]
        return out

    def _typed(self, program: Program) -> tuple[Function, list[Function]]:
        """What builds state 0, and each thread's function; all that runs is typed, and refused if it does not fit its role."""
        where, root = place_of_scenario(self.spec, self.scenario), self.schema.root
        initial = program.function(self.scenario.initial, where)
        require_parameters(initial, [root], "what builds state 0")
        require_instant(program, initial, "what builds state 0,")
        require_unobserved(program, initial, "what builds state 0,")
        for p in self.properties:
            require_when(self.spec, self.schema, p)
            if p.kind in ("reachable", "liveness"):
                require_predicates(program, p)
                continue
            typed, count = program.function(p.function), 2 if p.kind == "step" else 1
            require_parameters(typed, [root] * count, f"the {p.kind} property {p.id}", more=p.kind == "end")
            require_pure(program, typed, f"property {p.id}")
        for finding in self.findings:
            typed = program.function(finding.explains)
            require_parameters(typed, [root], f"what explains finding {finding.id}", more=True)
            require_pure(program, typed, f"finding {finding.id}")
        for forget in self.forgets:
            typed = program.function(forget.when)
            require_cells(self.schema, forget)
            require_parameters(typed, [root, forget.record], f"what says when cells of {forget.record} are forgotten,")
            require_pure(program, typed, f"the condition of Forget({forget.record!r}, ...)")
        threads = [program.function(fn, where) for _, fn, _ in self.instances]
        for (name, _, _), typed, each in zip(self.instances, threads, self._elements(), strict=True):
            require_parameters(typed, [root, each] if each else [root], f"thread {name!r}")
            require_unobserved(program, typed, "thread")
        for typed in program.functions.values():
            if typed.ghost:
                require_ghost(program, typed)
        return initial, threads

    def _lower(self) -> None:
        effects = Effects(self.program, self.atomicity)
        initial, threads = self._typed(self.program)
        self.initial_name = initial.name
        graphs: dict[str, Graph] = {}
        first: dict[str, int] = {}
        for f in threads:
            if f.name not in graphs:
                graph = graphs[f.name] = finish(Flattener(self.program, effects).graph(f), effects, set(f.params))
                first[f.name] = len(self.points)
                self.points += [(f.name, cut) for b in graph.cuts() if (cut := graph.blocks[b].cut) is not None]
        self.size = self.layout.heap_bytes
        for f in threads:
            layout = thread_layout(graphs[f.name], self.size, self.schema)
            self.size += layout.size
            self.graphs.append(graphs[f.name])
            self.thread_layouts.append(layout)
            self.first_points.append(first[f.name])

    def label(self, state: bytes, thread: int) -> int:
        """The label at which a thread is suspended; 0 if it has returned."""
        t = self.thread_layouts[thread]
        return int.from_bytes(state[t.base : t.base + t.label_width], "little")

    def waiting_at(self, state: bytes, thread: int) -> tuple[str, Position]:
        """What a thread is suspended at, and its call stack; ``returned`` if it has returned."""
        label = self.label(state, thread)
        for block, number in self.thread_layouts[thread].labels.items():
            if number == label:
                cut = self.graphs[thread].blocks[block].cut
                assert cut is not None
                return cut.kind, cut.position
        return "returned", ()

    def choice_names(self, state: bytes, thread: int) -> tuple[str, ...]:
        """The locals that a thread's choice at its present label sets, by their names in the source."""
        label = self.label(state, thread)
        for block, number in self.thread_layouts[thread].labels.items():
            cut = self.graphs[thread].blocks[block].cut
            if number == label and cut is not None and isinstance(cut.stmt, Choose):
                return tuple(name.rpartition("_")[0] for name in cut.stmt.names)
        return ()

    def at_rest(self, state: bytes) -> bool:
        """Whether every thread has returned or waits at a resting place: an end, not a deadlock."""
        return all(self.waiting_at(state, i)[0] in ("rest", "returned") for i in range(len(self.threads)))

    def block_counts(self) -> list[tuple[Block, int]]:
        """How often each block of the spec's source was entered by threads and by what builds state 0."""
        return list(zip(self.program.blocks, self.counts, strict=True))

    def point_counts(self) -> list[tuple[str, Cut, int]]:
        """How often a step was taken from each scheduling point: the thread's function, the point and the count."""
        return [(function, cut, n) for (function, cut), n in zip(self.points, self.steps_from, strict=True)]

    def lock_order(self) -> dict[tuple[str, str], Position]:
        """The pairs (held, taken) of the root's locks over all threads, each with an example of where."""
        out: dict[tuple[str, str], Position] = {}
        for graph in self.graphs:
            out = {**lock_order(graph, self.schema.root), **out}
        return out


def _thinned(scenario: Scenario, without: Collection[str]) -> Scenario:
    """The scenario without some of its threads."""
    names = [t.function.__name__ for t in scenario.threads]
    unknown = [w for w in without if w not in names]
    if unknown:
        raise AssumptionError(f"scenario {scenario.name} has no thread {unknown[0]!r} to leave out; it has: {', '.join(names)}")
    kept = tuple(t for t in scenario.threads if t.function.__name__ not in without)
    if not kept:
        raise AssumptionError(f"scenario {scenario.name} without {', '.join(without)} has no thread; leave one in")
    return replace(scenario, threads=kept) if without else scenario


def thread_instances(spec: Spec, scenario: Scenario) -> list[tuple[str, Any, int]]:
    """The threads of a scenario as (name, function, number of its own record or 0)."""
    threads = len(_instances(spec, scenario, memory_of(spec, scenario, 1)))
    return _instances(spec, scenario, memory_of(spec, scenario, threads))  # PerThread arrays may move a record's number


def _instances(spec: Spec, scenario: Scenario, schema: Schema) -> list[tuple[str, Any, int]]:
    out: list[tuple[str, Any, int]] = []
    for thread in scenario.threads:
        name = getattr(thread.function, "__name__", repr(thread.function))
        if not thread.each:
            out.append((name, thread.function, 0))
            continue
        field = schema.records[schema.root].fields.get(thread.each)
        if field is None or not field.nested or field.length is None:
            place = place_of_scenario(spec, scenario)
            raise LanguageError(place, f"each={thread.each!r} names no array of records of {schema.root}; name one")
        if field.per_thread:
            said = f"each={thread.each!r} names a PerThread array, whose length is the number of threads; give it a Size"
            raise LanguageError(place_of_scenario(spec, scenario), said)
        for i in range(field.length):
            out.append((f"{name} {i}" if field.length > 1 else name, thread.function, field.first[0] + i))
    return out
