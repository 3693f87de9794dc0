"""Native execution held against the lowered Python, state by state.

Both get the same state and must give the same: all successors byte for byte, who took which choice, what was thrown
where, the failed clauses of all kinds, errors of the spec word for word, whether the threads rest, and what was counted. Each
state is also packed and unpacked. Here findings explain failures, in both.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from checker.difference import Different, cell, point
from checker.errors import SpecEvaluationError
from checker.lowering.machine import Failure, Machine, Successor
from checker.native.machine import NativeMachine

T = TypeVar("T")

_OTHER = 0xA5
"""What buffers are filled with before native code writes to them."""


@dataclass(slots=True)
class NativeTally:
    """What native code was compared in."""

    successors: int = 0
    throws: int = 0
    errors: int = 0
    failures: int = 0
    explained: int = 0
    resting: int = 0


class NativeSide:
    """The lowered and the native execution of a machine.

    Parameters
    ----------
    machine : Machine
        Used for nothing else: what it counts is compared.

    Attributes
    ----------
    tally : NativeTally
    """

    def __init__(self, machine: Machine) -> None:
        self.machine, self.native, self.tally = machine, NativeMachine(machine), NativeTally()
        compiled = self.native.compiled
        self._pack, self._unpack, self._at_rest = map(compiled.function, ("pack", "unpack", "at_rest"))
        self._words = -(-machine.size // 8)
        self._state, self._unpacked = ((ctypes.c_uint64 * self._words)() for _ in range(2))
        self._packed = (ctypes.c_uint64 * compiled.packing.words)()
        self._possible = [(i, machine.predicate(p.function)) for i, p in enumerate(machine.properties) if p.kind == "reachable"]
        self._met = [0] * len(machine.properties)
        self._counters = (
            [f"times that {b.function}:{b.first} was entered" for b in machine.program.blocks],
            [f"steps from {point(cut.kind, cut.position)}" for _, cut in machine.points],
            [f"antecedents of {p.id} {p.name}" for p in machine.properties],
            [f"failures explained by {f.id}" for f in machine.findings],
        )

    def begin(self) -> bytes:
        """State 0 of both."""
        state = self.machine.initial()
        self._same_state("state 0", state, self.native.initial())
        self._same_counters()
        self._same_alone(state)
        return state

    def same_steps(self, state: bytes) -> list[Successor] | None:
        """The lowered steps from a state, as the native ones; None if both fail with the same error of the spec."""
        steps = self._both("steps", lambda: self.machine.successors(state), lambda: self.native.successors(state))
        if isinstance(steps, str):
            self.tally.errors += 1
            self._level_counters()
            return None
        lowered, native = steps
        self._same("steps", [(s.thread, s.choice) for s in lowered], [(s.thread, s.choice) for s in native])
        for a, b in zip(lowered, native, strict=True):
            step = f"{self.machine.threads[a.thread]}{list(a.choice) if a.choice else ''}"
            self._same(f"thrown by {step}", a.thrown, b.thrown)
            self._same_state(f"after {step}", a.state, b.state)
            self._same_failures(f"end of the operation, {step}", a.failures, b.failures)
            self.tally.throws += a.thrown is not None
        self.tally.successors += len(lowered)
        self._same_counters()
        return lowered

    def same_properties(self, before: bytes, after: bytes, thread: int) -> None:
        """Invariants in the state after a step, step properties, and what is known of that state alone.

        Raises
        ------
        SpecEvaluationError
            A property cannot be evaluated, which both executions say in the same words.
        """
        m, n = self.machine, self.native
        self._evaluated("invariants", lambda: m.check(after), lambda: n.check(after))
        self._evaluated(
            "step properties", lambda: m.check_step(before, after, thread), lambda: n.check_step(before, after, thread)
        )
        for i, holds in self._possible:
            self._met[i] |= holds(after)
        self._same_counters()
        self._same_alone(after)

    def close(self) -> None:
        """Give the memory back."""
        self.native.close()

    def _same_alone(self, state: bytes) -> None:
        """Whether the threads rest, and the state packed and unpacked."""
        ctypes.memmove(self._state, state.ljust(8 * self._words, b"\0"), 8 * self._words)
        rests = self.machine.at_rest(state)
        self._same("all threads rest", rests, bool(self._at_rest(ctypes.addressof(self._state))))
        self.tally.resting += rests
        for buffer in (self._packed, self._unpacked):
            ctypes.memset(buffer, _OTHER, ctypes.sizeof(buffer))
        self._pack(ctypes.addressof(self._state), ctypes.addressof(self._packed))
        self._unpack(ctypes.addressof(self._packed), ctypes.addressof(self._unpacked))
        self._same_state("packed and unpacked", state, bytes(self._unpacked)[: len(state)])

    def _both(self, what: str, lowered: Callable[[], T], native: Callable[[], T]) -> tuple[T, T] | str:
        """What both give, or the error in which both end."""
        said: list[str | None] = [None, None]
        given: list[T] = []
        for i, call in enumerate((lowered, native)):
            try:
                given.append(call())
            except SpecEvaluationError as e:
                said[i] = str(e)
        if said[0] != said[1]:
            raise Different(f"error of the spec, {what}: lowered {said[0]!r}, native {said[1]!r}")
        return said[0] or (given[0], given[1])

    def _evaluated(self, what: str, lowered: Callable[[], Sequence[Failure]], native: Callable[[], Sequence[Failure]]) -> None:
        found = self._both(what, lowered, native)
        if isinstance(found, str):
            raise SpecEvaluationError(found)
        self._same_failures(what, *found)

    def _same_failures(self, what: str, lowered: Sequence[Failure], native: Sequence[Failure]) -> None:
        ids = self.machine.properties
        a, b = ([f"{ids[f.property].id} {f.clause}" for f in failures] for failures in (lowered, native))
        a = list(dict.fromkeys(a))
        self._same(f"failed clauses, {what}", a, b)
        self.tally.failures += len(a)

    def _same_state(self, what: str, lowered: bytes, native: bytes) -> None:
        if lowered == native:
            return
        m = self.machine
        for a, b in zip(m.layout.values(lowered), m.layout.values(native), strict=True):
            self._same(f"{what}, {cell(*a[:4])}", a[4], b[4])
        for i, (name, t) in enumerate(zip(m.threads, m.thread_layouts, strict=True)):
            self._same(f"{what}, {name} is at", point(*m.waiting_at(lowered, i)), point(*m.waiting_at(native, i)))
            end = t.base + t.size
            self._same(f"{what}, record of {name}", list(lowered[t.base : end]), list(native[t.base : end]))
        self._same(f"{what}, bytes", list(lowered), list(native))

    def _counted(self) -> list[Sequence[int]]:
        """What lowered execution has counted, in the order in which native code counts."""
        m = self.machine
        met = [self._met[i] if p.kind == "reachable" else m.antecedents[i] for i, p in enumerate(m.properties)]
        return [m.counts, m.steps_from, met, m.explained]

    def _same_counters(self) -> None:
        for of, lowered, native in zip(self._counters, self._counted(), self.native.engine.counters(), strict=True):
            if list(lowered) != list(native):
                for name, a, b in zip(of, lowered, native, strict=True):
                    self._same(name, a, b)
        self.tally.explained = sum(self.machine.explained)

    def _level_counters(self) -> None:
        """After an error, which lowered execution meets at once and native code when the other steps are taken too."""
        self.native.engine.set_counters(self._counted())

    def _same(self, what: str, lowered: object, native: object) -> None:
        if lowered != native:
            raise Different(f"{what}: lowered {lowered!r}, native {native!r}")
