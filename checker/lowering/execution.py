"""The Python text of a lowered scenario, and that text compiled and bound: its step functions and its properties."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from checker.lowering.effects import Effects
from checker.lowering.lowered import Lowered
from checker.lowering.python_steps import StepPrinter
from checker.lowering.python_text import Printer, end_name, function_name
from spec.language import ALWAYS, LOCK_FREE

Invariant = Callable[[bytes, int], object]
StepProperty = Callable[[bytes, bytes, int, int], object]


def printed(lowered: Lowered) -> str:
    """The text: step functions by thread and label, then each function that is never suspended."""
    program, atomic = lowered.program, Effects(lowered.program, "lock")
    printer = Printer(program, lowered.layout)
    lines: list[str] = []
    for i, (graph, layout, first) in enumerate(zip(lowered.graphs, lowered.thread_layouts, lowered.first_points, strict=True)):
        record, params = lowered.instances[i][2], program.functions[graph.function].params
        printer.env = {params[1]: str(record)} if record else {}
        lines += StepPrinter(printer, graph, layout, i, first).lines()
    printer.env = {}
    for f in program.functions.values():
        if not atomic.suspends(f.name):
            lines += printer.function(f)
    head = [f"{name} = {values!r}" for values, name in printer.tables.items()]
    return "\n".join(head + lines) + "\n"


class Execution:
    """A lowered scenario's text, executed.

    Parameters
    ----------
    lowered : Lowered
    text : str
        As `printed`.
    names : dict
        What the text runs in: `support.namespace`.

    Attributes
    ----------
    steps : list of dict
        By thread, the step function of each label.
    always, lock_free, step_properties : list
        Properties as (number, function).
    one_free : list
        Invariants that hold while one lock is free, as (address of the lock, number, function).
    locks : list of int
        The addresses of the root's locks.
    """

    def __init__(self, lowered: Lowered, text: str, names: dict[str, Any]) -> None:
        self._lowered, self._names = lowered, names
        self._observer = {**names, "C": [0] * len(names["C"])}
        code = compile(text, f"<lowered {ascii(lowered.scenario.name)[1:-1]}>", "exec")
        exec(code, names)
        exec(code, self._observer)  # what properties call is not counted as reached by the threads
        self.steps: list[dict[int, Callable[..., None]]] = [
            {label: names[f"step_{i}_{label}"] for label in layout.labels.values()}
            for i, layout in enumerate(lowered.thread_layouts)
        ]
        self.locks: list[int] = []
        self.always: list[tuple[int, Invariant]] = []
        self.lock_free: list[tuple[int, Invariant]] = []
        self.one_free: list[tuple[int, int, Invariant]] = []
        self.step_properties: list[tuple[int, StepProperty]] = []
        self._bind()

    def start(self, state: bytearray) -> None:
        """Build the heap of state 0."""
        self._names[function_name(self._lowered.initial_name)](state, 1)

    def enter(self, state: bytearray, thread: int) -> None:
        """Take a thread to its first scheduling point."""
        self._names[f"enter_{thread}"](state)

    def observing(self, function: Callable[..., object]) -> Callable[..., Any]:
        """What a function of the spec became, for those who only look: nothing that it calls is counted."""
        lowered: Callable[..., Any] = self._observer[function_name(self._lowered.program.name_of(function))]
        return lowered

    def _bind(self) -> None:
        lowered, schema = self._lowered, self._lowered.schema
        name_of, cells = lowered.program.name_of, lowered.layout.cells
        self.locks += [
            cells[schema.root, f.name].base
            for f in schema.records[schema.root].fields.values()
            if f.scalar is not None and f.scalar.kind == "lock"
        ]
        for i, p in enumerate(lowered.properties):
            function = self.observing(p.function)
            if p.kind == "end":
                self._names[end_name(name_of(p.function))] = function
            elif p.kind == "step":
                self.step_properties.append((i, function))
            elif p.kind == "invariant" and p.when == ALWAYS:
                self.always.append((i, function))
            elif p.kind == "invariant" and p.when == LOCK_FREE:
                self.lock_free.append((i, function))
            elif p.kind == "invariant":
                self.one_free.append((cells[schema.root, p.when].base, i, function))
        for k, finding in enumerate(lowered.findings):
            typed = lowered.program.functions[name_of(finding.explains)]
            for i, p in enumerate(lowered.properties):
                if p.id == finding.property:
                    known = self._names["FINDINGS"].setdefault((i, finding.clause), [])
                    known.append((k, self.observing(finding.explains), tuple(typed.params[1:])))
