"""The conditions of a function that a thread runs among others."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePath

import z3

from checker.symbolic.paths import Path, walk
from checker.symbolic.splitting import TRUE, Obligation
from proofs.heaps import typed
from proofs.kernel import Condition, Problem
from proofs.protocol.now import protocol_program
from proofs.protocol.steps import Clauses, Steps
from proofs.protocol.task import Task
from proofs.protocol.tasks import CONTRACTS
from proofs.protocol.thread import Thread
from spec.language import Edit

PROTOCOL = ("sweep.py", "sweeper.py", "collector.py", "observer.py", "world.py", "reclaim.py")
"""The modules whose errors are shown not to happen; those of the heap's structure are in the claims ``keeps_*``."""

THROWING = (*PROTOCOL, "stacks.py")
"""The modules whose throws are; an index of stacks.py depends on how long a stack is, which is not the protocol's matter."""

FREEING = tuple(f"MHeap_FreeSpanLocked - invalid {what}" for what in ("free", "span state", "stack free"))
MARKS = "sweep increased allocation count"
"""The throw about marks: that marked objects are allocated is not the protocol's matter."""


@dataclass(slots=True)
class Collected:
    """Collects the conditions of a function, path by path; paths that begin alike share theirs."""

    task: Task
    found: list[Condition] = field(default_factory=list)
    returns: int = 0
    _seen: set[tuple[object, ...]] = field(default_factory=set)

    def demand(self, x: Steps, place: str, clauses: Clauses) -> None:
        """Note clauses that must hold here."""
        key = (x.path.place, len(x.path.facts), place)
        x.note()
        if key in self._seen:
            return
        self._seen.add(key)
        given = tuple(x.path.facts)
        # What a step did not touch holds literally: it is among the facts of the step's beginning.
        known = {fact.get_id() for fact in given}
        self.found += [
            Condition(f"{self.task.function}, {place}: {name}", TRUE, goal, given=given)
            for name, goal in clauses.items()
            if not z3.is_true(goal) and goal.get_id() not in known
        ]

    def oblige(self, x: Steps, o: Obligation) -> None:
        """Note that an error does not happen."""
        key = (o.where, o.place, o.kind, o.message)
        if key not in self._seen:
            self._seen.add(key)
            given = tuple(x.path.facts[: o.facts])
            self.found.append(Condition(f"{self.task.function}, {o.kind} at {o.place}: {o.message}", TRUE, o.goal, given=given))


def is_protocol(o: Obligation) -> bool:
    """Whether an error is the protocol's to exclude."""
    if o.message in FREEING:
        return True
    module = PurePath(o.place.rpartition(":")[0]).name
    if o.kind == "throw":
        return module in THROWING and o.message != MARKS
    return module in PROTOCOL and o.kind == "index"


def steps(task: Task, edits: tuple[Edit, ...] = ()) -> Problem:
    """The problem: each step of the function keeps the invariant and the guarantee, and it ensures what its task says."""
    made = protocol_program(edits)
    for name in (task.function, *(c.function for c in CONTRACTS[task.function])):
        typed(made, name)
    collected = Collected(task)

    def run(path: Path) -> None:
        contracts = {c.function: c for c in CONTRACTS[task.function]}
        thread = Thread(made, path, collected.demand, task, contracts)
        thread.carry_out()
        for o in thread.obligations:
            if is_protocol(o):
                collected.oblige(thread, o)

    count = walk(run, [])
    if not count:
        raise ValueError(f"{task.function} has no path: nothing would be shown of it")
    return Problem(premises={}, conditions=collected.found, paths=count, strategy="integers")
