"""Who waits for what: the threads of a state in which none can go on."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from checker.lowering.machine import Machine
from checker.plain import PlainRun
from checker.report.naming import Names
from checker.search.outcome import Choice
from spec.language import Lock

_WORDS = {"rest": "rests until", "choose": "needs a choice where", "wait": "waits until"}


@dataclass(frozen=True, slots=True)
class Waiting:
    """What one thread waits at.

    Attributes
    ----------
    thread : str
    at : str
        The kind of its scheduling point, or ``returned``.
    source, go : str
        File and line, and the Go function of the innermost function that states one; empty if it has returned.
    lock, holder : str
        The lock that it waits for, and the thread that holds it.
    condition : str
        The source text of what it waits for, or of what its choice needs.
    """

    thread: str
    at: str
    source: str = ""
    go: str = ""
    lock: str = ""
    holder: str = ""
    condition: str = ""

    def __str__(self) -> str:
        """One line, without the thread."""
        if self.lock:
            return f"waits for {self.lock}, held by {self.holder}"
        if self.condition:
            return f"{_WORDS[self.at]} {self.condition}"
        return "has returned" if self.at == "returned" else f"stands at {self.at}"


def waiting(machine: Machine, schedule: Sequence[Choice]) -> tuple[Waiting, ...]:
    """What each thread waits at after a schedule, executed on the plain heap."""
    atomicity: Literal["lock", "fine"] = "fine" if machine.atomicity == "fine" else "lock"
    with PlainRun(machine.spec, machine.scenario, machine.parameters, atomicity=atomicity, properties=False) as run:
        for thread, choice in schedule:
            run.take(thread, choice)
            while run.waiting_at(thread) == "released" and run.position(thread) in machine.graphs[thread].silent:
                run.take(thread)
        return tuple(_waiting(machine, run, i) for i in range(len(run.threads)))


def lock_cycle(threads: Sequence[Waiting]) -> tuple[Waiting, ...]:
    """Threads each of which waits for a lock that the next one holds, the last for one that the first holds; or none."""
    known = {w.thread: w for w in threads}
    for w in threads:
        chain = [w]
        while chain[-1].holder in known and known[chain[-1].holder] not in chain:
            chain.append(known[chain[-1].holder])
        if chain[-1].holder == w.thread:
            return tuple(chain)
    return ()


def _waiting(machine: Machine, run: PlainRun, index: int) -> Waiting:
    thread, stack = run.threads[index], run.position(index)
    if not stack:
        return Waiting(thread.name, thread.kind)
    function, line = stack[-1]
    known = machine.program.functions
    go = next((known[f].go for f, _ in reversed(stack) if f in known and known[f].go), "")
    source = f"{machine.program.file(function)}:{line}"
    if thread.kind == "acquire" and thread.lock is not None:
        holder = run.threads[thread.lock.owner - 1].name if thread.lock.owner else "no thread"
        return Waiting(thread.name, thread.kind, source, go, lock=_path(machine, run, thread.lock), holder=holder)
    condition = _condition(machine, function, line) if thread.kind in ("wait", "rest", "choose") else ""
    return Waiting(thread.name, thread.kind, source, go, condition=condition)


def _path(machine: Machine, run: PlainRun, lock: Lock) -> str:
    """The path of a lock from the root."""
    for name, record in machine.schema.records.items():
        for f in record.fields.values():
            if f.scalar is not None and f.scalar.kind == "lock":
                for number, holder in enumerate(run.world.records[name], start=1):
                    if getattr(holder, f.name) is lock:
                        return Names(machine.schema).cell(name, f.name, number, None)
    raise AssertionError(f"lock {lock.name} is in no record of the state")


def _condition(machine: Machine, function: str, line: int) -> str:
    """The source text of the condition in the call of ``wait`` or ``choose`` that includes a line of a function."""
    tree = ast.parse(machine.spec.sources[function.rpartition(".")[0]])
    calls = [
        n
        for n in ast.walk(tree)
        if isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id in ("wait", "choose")
    ]
    for call in calls:
        if call.lineno <= line <= (call.end_lineno or call.lineno):
            for lambda_ in (*call.args, *(k.value for k in call.keywords)):
                if isinstance(lambda_, ast.Lambda):
                    return ast.unparse(lambda_.body)
            return ast.unparse(call)
    return ""
