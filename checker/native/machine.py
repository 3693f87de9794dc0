"""The native engine's successor relation, one state at a time, for whoever wants what `Machine` gives.

Failed clauses carry no witness here: native code notes which clause failed, and no more; one that fails several times in one
evaluation is noted once.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import NoReturn

from checker.errors import AssumptionError, CheckerError, LanguageError, SpecEvaluationError
from checker.frontend.checks import place_of_scenario
from checker.lowering.machine import Failure, Machine, Successor
from checker.native.canonical import CanonicalTables
from checker.native.compiled import Compiled
from checker.native.context import CHOICES, FAILURES, Run
from checker.native.engine import Engine
from checker.native.kernels.noting import NOTED
from checker.native.kernels.structs import LOST_IN_PACKING, NO_FIXED_POINT, OUT_OF_RANGE, TOO_MANY, Collected
from checker.native.kernels.successors import COLLECTED, COLLECTED_CHOICE
from checker.native.words import Words, array


class NativeMachine:
    """A `Machine` whose steps and properties are executed by machine code.

    Parameters
    ----------
    machine : Machine
        Not executed, but for canonical forms.
    """

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.compiled = Compiled(machine)
        self.engine = Engine(machine, self.compiled)
        self._worker = self.engine.workers[0]
        self._worker["collects"] = 1
        self._observer = Words(Run, self._worker["observer"])
        self._size = self.engine.size
        self._state = self.engine.blocks.take(self._size)
        self._before = self.engine.blocks.take(self._size)
        self._functions: dict[str, Callable[..., int]] = {}

    def initial(self) -> bytes:
        """State 0: the scenario's initial heap, each thread at its first scheduling point."""
        return initial(self.machine, self.compiled, self.engine)

    def successors(self, state: bytes) -> list[Successor]:
        """All steps from a state: by thread, then by choice, ascending."""
        w = self._worker
        w.update(count=0, status=0)
        self._put(w["state"], state)
        self._call("expand", w.address, w["state"])
        if w["status"] == TOO_MANY:
            fail(self.compiled, w["status"], w["detail"])
        found = [self._successor(i) for i in range(w["count"])]
        if w["status"]:  # a guard failed, behind these
            fail(self.compiled, w["status"], w["detail"])
        return found

    def _successor(self, i: int) -> Successor:
        w, exits = self._worker, self.compiled.exits
        c = Words(Collected, w["violations"] + i * COLLECTED)
        thrown = None
        if c["status"]:
            end = exits[c["status"] - 1]
            if end.kind != "throw":
                fail(self.compiled, c["status"], c["detail"])
            thrown = (end.text, end.place)
        thread = c["who"] - 1
        choices = array(c.address + COLLECTED_CHOICE, CHOICES)
        state = ctypes.string_at(w["successors"] + i * w["stride"], self.machine.size)
        before = ctypes.string_at(w["state"], self.machine.size)
        chosen = tuple(_signed(v) for v in choices[: len(self.machine.choice_names(before, thread))])
        failed = array(c.address + COLLECTED_CHOICE + 8 * CHOICES, min(c["failures"], FAILURES))
        return Successor(thread, chosen, state, thrown, self._failures(failed))

    def check(self, state: bytes) -> tuple[Failure, ...]:
        """The failed clauses of the invariants in a state, without witnesses."""
        self._put(self._state, state)
        return self._checked("check_invariants", self._state)

    def check_step(self, before: bytes, after: bytes, thread: int) -> tuple[Failure, ...]:
        """The failed clauses of the step properties, after a step of a thread (from 0), without witnesses."""
        self._put(self._before, before)
        self._put(self._state, after)
        self._observer["who"] = thread + 1
        return self._checked("check_step", self._before, self._state)

    def _checked(self, name: str, *states: int) -> tuple[Failure, ...]:
        status = self._call(name, *states, self._observer.address)
        if status:
            self._observer["failures"] = 0
            fail(self.compiled, status, self._observer["detail"])
        failed = array(self._observer.address + NOTED, self._observer["failures"])
        self._observer["failures"] = 0
        return self._failures(failed)

    def _failures(self, codes: list[int]) -> tuple[Failure, ...]:
        return tuple(failure(self.compiled, code) for code in codes)

    def _put(self, address: int, state: bytes) -> None:
        ctypes.memmove(address, state.ljust(self._size, b"\0"), self._size)

    def _call(self, name: str, *words: int) -> int:
        if name not in self._functions:
            self._functions[name] = self.compiled.function(name)
        return self._functions[name](*words)

    def close(self) -> None:
        """Give the memory back."""
        self.engine.close()


_DEFECTS = {
    OUT_OF_RANGE: "a cell holds what is outside its declared range",
    LOST_IN_PACKING: "a packed state is not the same when it is unpacked",
    NO_FIXED_POINT: "the canonical form of a canonical form is another one",
}


def canon_of(machine: Machine) -> CanonicalTables | None:
    """The tables for the machine's canonical forms; None if every state is its own."""
    return CanonicalTables(machine.canonical) if machine.canonical.reductions else None


def failure(compiled: Compiled, code: int) -> Failure:
    """The failed clause that native code notes as a number."""
    return Failure(code >> 32, compiled.clauses[code & 0xFFFFFFFF], ())


def fail(compiled: Compiled, status: int, detail: int) -> NoReturn:
    """Raise what a status says.

    Raises
    ------
    SpecEvaluationError
        The spec failed.
    AssumptionError
        Native code cannot go on.
    """
    if status in _DEFECTS:
        raise CheckerError(f"{_DEFECTS[status]}: a defect of the tool; please report it, and use --engine python")
    if status > len(compiled.exits):
        raise AssumptionError(f"a state has more successors than the native engine counts ({detail}); use --engine python")
    end = compiled.exits[status - 1]
    sentence = end.sentence(_signed(detail))
    raise (AssumptionError if end.kind == "overflow" else SpecEvaluationError)(sentence)


def _signed(word: int) -> int:
    return word - (1 << 64) if word >> 63 else word


def initial(machine: Machine, compiled: Compiled, engine: Engine) -> bytes:
    """State 0, built by native code.

    Raises
    ------
    LanguageError
        A thread throws, or changes the heap, before its first scheduling point.
    """
    w, size = engine.workers[0], engine.size
    at, run, observer = w["state"], Words(Run, w["run"]), Words(Run, w["observer"])
    ctypes.memmove(at, bytes(machine.layout.zero(machine.size)).ljust(size, b"\0"), size)
    run["who"] = observer["who"] = 1
    _start(compiled, run, compiled.function("initial")(at, run.address))
    heap = ctypes.string_at(at, machine.layout.heap_bytes)
    enter = compiled.function("enter_thread")
    for i in range(len(machine.threads)):
        run["who"] = i + 1
        _start(compiled, run, enter(at, run.address, i))
    if ctypes.string_at(at, machine.layout.heap_bytes) != heap:
        place = place_of_scenario(machine.spec, machine.scenario)
        raise LanguageError(place, "a thread changes the state before its first scheduling point; begin it with step()")
    return ctypes.string_at(at, machine.size)


def _start(compiled: Compiled, run: Words, status: int) -> None:
    if status:
        end = compiled.exits[status - 1]
        if end.kind == "throw":
            said = f"{end.text!r} is thrown before the first scheduling point; begin the thread with step()"
            raise LanguageError(end.place, said)
        fail(compiled, status, run["detail"])
