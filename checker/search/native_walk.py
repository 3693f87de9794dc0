"""Random walks in machine code: the walks of `checker.search.python_walk`, some hundred times as fast."""

from __future__ import annotations

from checker.lowering.machine import Machine
from checker.native.compiled import Compiled
from checker.native.engine import Engine
from checker.native.kernels.structs import DEADLOCK, THROW
from checker.native.kernels.walk import FAILED, Walk
from checker.native.machine import fail, failure, initial
from checker.native.words import Words
from checker.search.concrete import Shown
from checker.search.reached import Reached
from checker.search.walks import Place, Walks

_NO_BOUND = (1 << 64) - 1


class NativeWalker:
    """Walks executed by machine code.

    Parameters
    ----------
    machine : Machine
        Not executed.
    walks : Walks
    reached : Reached
        Told in the end what was met.
    """

    def __init__(self, machine: Machine, walks: Walks, reached: Reached) -> None:
        self._machine, self._reached = machine, reached
        self._compiled = Compiled(machine)
        self._engine = Engine(machine, self._compiled)
        self._worker = self._engine.workers[0]
        self._worker["collects"] = 1
        take = self._engine.blocks.take
        self._walk = Words(Walk, take(Walk.sizeof()))
        self._walk.update(
            worker=self._worker.address,
            threads=len(machine.threads),
            order=take(8 * len(machine.threads)),
            initial=take(self._engine.size),
            seed=walks.seed,
            walks=_bound(walks.walks),
            depth=_bound(walks.depth),
            most=_bound(walks.steps),
        )
        self._on = self._compiled.function("walk_on")

    def begin(self) -> int:
        """Check state 0; returns why that is all, or 0."""
        initial(self._machine, self._compiled, self._engine)
        return self._ended(self._compiled.function("enter_walks")(self._walk.address))

    def on(self, more: int) -> int:
        """Take so many steps more, in as many walks as that needs; returns why there can be no other, or 0."""
        return self._ended(self._on(self._walk.address, more))

    def _ended(self, reason: int) -> int:
        if reason == FAILED:
            fail(self._compiled, self._worker["status"], self._worker["detail"])
        return reason

    def place(self) -> Place:
        """How far the walks are."""
        k = self._walk
        return Place(k["walk"], k["at"], k["steps"], k["longest"])

    def shown(self) -> Shown:
        """What is violated; a failed clause has no witness."""
        code = self._walk["code"]
        if code & DEADLOCK:
            return None
        if code & THROW:
            end = self._compiled.exits[(code & ~THROW) - 1]
            return end.text, end.place
        return failure(self._compiled, code)

    def count(self) -> None:
        """Add what native code counted to the counters of the machine."""
        m, totals = self._machine, self._engine.counters()
        for counts, more in zip((m.counts, m.steps_from, m.antecedents, m.explained), totals, strict=True):
            for i, n in enumerate(more):
                counts[i] += n
        self._reached.count(totals[2])

    def close(self) -> None:
        """Give the memory back."""
        self._engine.close()


def _bound(given: int | None) -> int:
    return _NO_BOUND if given is None else given
