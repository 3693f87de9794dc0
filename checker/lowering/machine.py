"""A scenario lowered to Python step functions: the reference engine's successor relation."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from checker.errors import AssumptionError, LanguageError
from checker.frontend.checks import (
    place_of_scenario,
    require_ghost,
    require_instant,
    require_parameters,
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
from checker.lowering.python_steps import StepPrinter, ThreadLayout, thread_layout
from checker.lowering.python_text import Printer, end_name, function_name
from checker.reduce.canonical import Canonical
from checker.reduce.forget import Forgotten, require_cells
from spec.language import ALWAYS, LOCK_FREE, ParameterError, Property, Scenario
from spec.language.schema import Schema

Witness = tuple[tuple[str, str, int], ...]
"""Names, types (``int``, ``bool`` or a record) and numbers of a failed clause's witness."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed clause of a property."""

    property: int
    clause: str
    witness: Witness


@dataclass(frozen=True, slots=True)
class Successor:
    """One atomic step: who took it, what was chosen, and where it leads; ``thrown`` is a Throw's message and place."""

    thread: int
    choice: tuple[int, ...]
    state: bytes
    thrown: tuple[str, str] | None
    failures: tuple[Failure, ...]


class Machine:
    """The transition system of a scenario.

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
    reductions : collection of str, optional
        Out of `checker.reduce.REDUCTIONS`; all that the spec declares and the parameters allow by default.

    Raises
    ------
    AssumptionError
        A parameter is unknown, out of range, or breaks an assumption.
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
        reductions: Collection[str] | None = None,
    ) -> None:
        self.spec, self.scenario, self.atomicity = spec, scenario, atomicity
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
        self.text = self._print()
        blocks, points = len(self.program.blocks), len(self.points)
        self._namespace = support.namespace(blocks, len(self.properties), len(self.findings), points)
        self._observer = {**self._namespace, "C": [0] * blocks}
        code = compile(self.text, f"<lowered {scenario.name}>", "exec")
        exec(code, self._namespace)
        exec(code, self._observer)  # what properties call is not counted as reached by the threads
        self._bind()
        self.canonical = self._canonical(reductions)

    def _canonical(self, reductions: Collection[str] | None) -> Canonical:
        """What maps states to canonical forms."""
        name_of = self.program.name_of
        forgotten = [
            Forgotten(f.record, f.fields, self._observer[function_name(name_of(f.when))], f.held) for f in self.forgets
        ]
        return Canonical(self.schema, self.layout, self.thread_layouts, self.scenario, forgotten, reductions)

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

    def _print(self) -> str:
        program, effects, atomic = self.program, Effects(self.program, self.atomicity), Effects(self.program, "lock")
        initial, threads = self._typed(program)
        printer = Printer(program, self.layout)
        lines: list[str] = []
        graphs: dict[str, Graph] = {}
        first_point: dict[str, int] = {}
        for f in threads:
            if f.name not in graphs:
                graph = graphs[f.name] = finish(Flattener(program, effects).graph(f), effects, set(f.params))
                first_point[f.name] = len(self.points)
                self.points += [(f.name, cut) for b in graph.cuts() if (cut := graph.blocks[b].cut) is not None]
        base = self.layout.heap_bytes
        for i, f in enumerate(threads):
            graph = graphs[f.name]
            record = self.instances[i][2]
            printer.env = {f.params[1]: str(record)} if record else {}
            layout = thread_layout(graph, base, printer)
            base += layout.size
            self.graphs.append(graph)
            self.thread_layouts.append(layout)
            lines += StepPrinter(printer, graph, layout, i, first_point[f.name]).lines()
            printer.env = {}
        self.size = base
        for f in program.functions.values():
            if not atomic.suspends(f.name):
                lines += printer.function(f)
        self.initial_name = initial.name
        head = [f"{name} = {values!r}" for values, name in printer.tables.items()]
        return "\n".join(head + lines) + "\n"

    def _bind(self) -> None:
        ns, name_of = self._namespace, self.program.name_of
        self.counts: list[int] = ns["C"]
        self.steps_from: list[int] = ns["R"]
        self._who: list[int] = ns["W"]
        self.antecedents: list[int] = ns["G"]
        self.explained: list[int] = ns["F"]
        self._failures: list[tuple[int, str, Witness]] = ns["V"]
        self._current: list[int] = ns["P"]
        self._steps = [
            {label: ns[f"step_{i}_{label}"] for label in layout.labels.values()} for i, layout in enumerate(self.thread_layouts)
        ]
        locks = [
            self.layout.cells[self.schema.root, f.name].base
            for f in self.schema.records[self.schema.root].fields.values()
            if f.scalar is not None and f.scalar.kind == "lock"
        ]
        self._locks = locks
        watching = self._observer
        functions = [(i, p, watching[function_name(name_of(p.function))]) for i, p in enumerate(self.properties)]
        ns |= {end_name(name_of(p.function)): f for _, p, f in functions if p.kind == "end"}
        self._free = [(i, f) for i, p, f in functions if p.kind == "invariant" and p.when == LOCK_FREE]
        self._always = [(i, f) for i, p, f in functions if p.kind == "invariant" and p.when == ALWAYS]
        self._one_free = [
            (self.layout.cells[self.schema.root, p.when].base, i, f)
            for i, p, f in functions
            if p.kind == "invariant" and p.when not in (ALWAYS, LOCK_FREE)
        ]
        self._step_properties = [(i, f) for i, p, f in functions if p.kind == "step"]
        for k, f in enumerate(self.findings):
            typed = self.program.functions[name_of(f.explains)]
            for i, p in enumerate(self.properties):
                if p.id == f.property:
                    known = ns["FINDINGS"].setdefault((i, f.clause), [])
                    known.append((k, watching[function_name(typed.name)], tuple(typed.params[1:])))

    def initial(self) -> bytes:
        """State 0: the scenario's initial heap, each thread at its first scheduling point."""
        state = self.layout.zero(self.size)
        self._who[0] = 1  # as in plain execution without a scheduler
        try:
            self._namespace[function_name(self.initial_name)](state, 1)
            heap = bytes(state[: self.layout.heap_bytes])
            for i in range(len(self.threads)):
                self._namespace[f"enter_{i}"](state)
        except support.Throw as e:
            said = f"{e.message!r} is thrown before the first scheduling point; begin the thread with step()"
            raise LanguageError(e.place, said) from e
        if bytes(state[: self.layout.heap_bytes]) != heap:
            place = place_of_scenario(self.spec, self.scenario)
            raise LanguageError(place, "a thread changes the state before its first scheduling point; begin it with step()")
        return bytes(state)

    def label(self, state: bytes, thread: int) -> int:
        """The label at which a thread is suspended; 0 if it has returned."""
        t = self.thread_layouts[thread]
        return int.from_bytes(state[t.base : t.base + t.label_width], "little")

    def successors(self, state: bytes) -> list[Successor]:
        """All steps from a state: by thread, then by choice, ascending."""
        return [s for thread in range(len(self.threads)) for s in self.steps(state, thread)]

    def steps(self, state: bytes, thread: int) -> list[Successor]:
        """The steps of one thread, by choice, ascending."""
        label = self.label(state, thread)
        if not label:
            return []
        out: list[tuple[tuple[int, ...], bytearray, Any, list[Any]]] = []
        try:
            self._steps[thread][label](state, out)
        except BaseException:
            self._failures.clear()
            raise
        return [
            Successor(
                thread,
                choice,
                bytes(after),
                None if thrown is None else (thrown.message, thrown.place),
                tuple(Failure(*f) for f in failed),
            )
            for choice, after, thrown, failed in out
        ]

    def check(self, state: bytes) -> tuple[Failure, ...]:
        """The failed clauses of the invariants in a state, those explained by findings left out."""
        current = self._current
        self._who[0] = 0
        for i, f in self._always:
            current[0] = i
            f(state, 1)
        if not any(state[a] for a in self._locks):
            for i, f in self._free:
                current[0] = i
                f(state, 1)
        for address, i, f in self._one_free:
            if not state[address]:
                current[0] = i
                f(state, 1)
        return self._take()

    def check_step(self, before: bytes, after: bytes, thread: int) -> tuple[Failure, ...]:
        """The failed clauses of the step properties, after a step of a thread (from 0)."""
        self._who[0] = thread + 1
        for i, f in self._step_properties:
            self._current[0] = i
            f(before, after, 1, 1)
        return self._take()

    def _take(self) -> tuple[Failure, ...]:
        if not self._failures:
            return ()
        found = tuple(Failure(*f) for f in self._failures)
        self._failures.clear()
        return found

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
