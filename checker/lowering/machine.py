"""A scenario lowered to Python step functions: the reference engine's successor relation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from checker.errors import AssumptionError, LanguageError
from checker.frontend.program import Block, Program
from checker.load import Spec
from checker.lowering import support
from checker.lowering.analyse import finish
from checker.lowering.effects import Effects
from checker.lowering.flatten import Flattener
from checker.lowering.graph import Graph, Position
from checker.lowering.layout import Layout
from checker.lowering.python_steps import StepPrinter, ThreadLayout, thread_layout
from checker.lowering.python_text import Printer, function_name
from spec.language import LOCK_FREE, DeclarationError, ParameterError, Property, Scenario
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
    ) -> None:
        self.spec, self.scenario, self.atomicity = spec, scenario, atomicity
        try:
            spec.parameters.reset({**scenario.parameters, **parameters})
        except ParameterError as e:
            raise AssumptionError(str(e)) from e
        self.parameters = spec.parameters.values()
        self.instances = thread_instances(spec, scenario)
        self.threads = [name for name, _, _ in self.instances]
        try:
            self.schema = Schema(scenario.root, spec.parameters, len(self.instances))
        except DeclarationError as e:
            raise LanguageError(str(spec.directory), str(e)) from e
        self.properties = [p for p in (spec.properties if properties is None else properties) if self._applies(p)]
        self.findings = [f for f in spec.findings.values() if explained]
        self.program = Program(spec, self.schema, self.properties)
        self.layout = Layout(self.schema)
        self.graphs: list[Graph] = []
        self.thread_layouts: list[ThreadLayout] = []
        self.text = self._print()
        self._namespace = support.namespace(len(self.program.blocks), len(self.properties), len(self.findings))
        exec(compile(self.text, f"<lowered {scenario.name}>", "exec"), self._namespace)
        self._bind()

    def _applies(self, p: Property) -> bool:
        first = next(iter(p.function.__code__.co_varnames), None)
        return first is not None and p.function.__annotations__[first] in (self.scenario.root.__name__, self.scenario.root)

    def _print(self) -> str:
        program, effects, atomic = self.program, Effects(self.program, self.atomicity), Effects(self.program, "lock")
        initial = program.function(self.scenario.initial)
        for p in self.properties:
            program.function(p.function)
        for f in self.findings:
            program.function(f.explains)
        threads = [program.function(fn) for _, fn, _ in self.instances]
        printer = Printer(program, self.layout)
        lines: list[str] = []
        graphs = {
            f.name: finish(Flattener(program, effects).graph(f), effects, set(f.params)) for f in threads
        }
        base = self.layout.heap_bytes
        for i, f in enumerate(threads):
            graph = graphs[f.name]
            record = self.instances[i][2]
            printer.env = {f.params[1]: str(record)} if record else {}
            layout = thread_layout(graph, base, printer)
            base += layout.size
            self.graphs.append(graph)
            self.thread_layouts.append(layout)
            lines += StepPrinter(printer, graph, layout, i).lines()
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
        functions = [(i, p, ns[function_name(name_of(p.function))]) for i, p in enumerate(self.properties)]
        self._free = [(i, f) for i, p, f in functions if p.kind == "invariant" and p.when == LOCK_FREE]
        self._always = [(i, f) for i, p, f in functions if p.kind == "invariant" and p.when != LOCK_FREE]
        self._step_properties = [(i, f) for i, p, f in functions if p.kind == "step"]
        for k, f in enumerate(self.findings):
            typed = self.program.functions[name_of(f.explains)]
            for i, p in enumerate(self.properties):
                if p.id == f.property:
                    known = ns["FINDINGS"].setdefault((i, f.clause), [])
                    known.append((k, ns[function_name(typed.name)], tuple(typed.params[1:])))

    def initial(self) -> bytes:
        """State 0: the scenario's initial heap, each thread at its first scheduling point."""
        state = bytearray(self.size)
        self._namespace[function_name(self.initial_name)](state, 1)
        heap = bytes(state[: self.layout.heap_bytes])
        for i in range(len(self.threads)):
            self._namespace[f"enter_{i}"](state)
        if bytes(state[: self.layout.heap_bytes]) != heap:
            raise LanguageError(self.scenario.name, "a thread changes the state before its first scheduling point; begin with step()")
        return bytes(state)

    def label(self, state: bytes, thread: int) -> int:
        """The label at which a thread is suspended; 0 if it has returned."""
        t = self.thread_layouts[thread]
        return int.from_bytes(state[t.base : t.base + t.label_width], "little")

    def successors(self, state: bytes) -> list[Successor]:
        """All steps from a state: by thread, then by choice, ascending."""
        result = []
        failures = self._failures
        out: list[tuple[tuple[int, ...], bytearray, Any]] = []
        for thread, steps in enumerate(self._steps):
            label = self.label(state, thread)
            if not label:
                continue
            steps[label](state, out)
            for choice, after, thrown in out:
                found = ()
                if failures:
                    found = tuple(Failure(*f) for f in failures)
                    failures.clear()
                message = None if thrown is None else (thrown.message, thrown.place)
                result.append(Successor(thread, choice, bytes(after), message, found))
            out.clear()
        return result

    def check(self, state: bytes) -> tuple[Failure, ...]:
        """The failed clauses of the invariants in a state, those explained by findings left out."""
        current = self._current
        for i, f in self._always:
            current[0] = i
            f(state, 1)
        if not any(state[a] for a in self._locks):
            for i, f in self._free:
                current[0] = i
                f(state, 1)
        return self._take()

    def check_step(self, before: bytes, after: bytes) -> tuple[Failure, ...]:
        """The failed clauses of the step properties."""
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

    def at_rest(self, state: bytes) -> bool:
        """Whether every thread has returned or waits at a resting place: an end, not a deadlock."""
        return all(self.waiting_at(state, i)[0] in ("rest", "returned") for i in range(len(self.threads)))

    def block_counts(self) -> list[tuple[Block, int]]:
        """How often each block of the spec's source was entered."""
        return list(zip(self.program.blocks, self.counts, strict=True))


def thread_instances(spec: Spec, scenario: Scenario) -> list[tuple[str, Any, int]]:
    """The threads of a scenario as (name, function, number of its own record or 0)."""
    out: list[tuple[str, Any, int]] = []
    for thread in scenario.threads:
        name = thread.function.__name__
        if not thread.each:
            out.append((name, thread.function, 0))
            continue
        schema = Schema(scenario.root, spec.parameters, 1)
        field = schema.records[schema.root].fields.get(thread.each)
        if field is None or not field.nested or field.length is None:
            raise LanguageError(scenario.name, f"each={thread.each!r} names no array of records of {schema.root}")
        for i in range(field.length):
            out.append((f"{name} {i}" if field.length > 1 else name, thread.function, field.first[0] + i))
    return out


