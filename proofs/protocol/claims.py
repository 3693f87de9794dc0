"""What the claims about the sweep take for granted, and the problem of several functions at once."""

from __future__ import annotations

from proofs.kernel import Problem
from proofs.protocol.problems import steps
from proofs.protocol.task import Task
from spec.language import Edit

THREADS = (
    "any number of threads, and of spans below 2^32 - 1; each is one of the scenarios' (mutator, sweeper, collector, "
    "FreeOSMemory, scavenger, reader, clock), and has its own flag",
    "steps as at fine atomicity; memory is sequentially consistent",
)
STRUCTURE = (
    "the claims keeps_*, for what happens under the heap's lock: lists and the table lead to initialised structs, the "
    "allocator's list to dead ones, busy lists to spans in use; no list operation throws and no index is outside",
)
SWEEPING = ("sweepone is called fewer than 2^32 - 1 times a cycle (spanidx does not wrap)", "marked objects are allocated")
STACKS = (
    "the lists of stacks hold what was put into them and not taken out, each span once: stackpool under stackpoolmu, "
    "stack_large under stack_large_lock",
)
MARKING = ("P24 for the marker: its pointers lead to stacks, or to spans in use, that were handed out",)
CLIENTS = (
    "P24 for a mutator: an address in its slot leads to a span in use or to a stack that it has; the length tells which kind",
)


def several(*tasks: Task, edits: tuple[Edit, ...] = ()) -> Problem:
    """The conditions of several functions."""
    problems = [steps(task, edits) for task in tasks]
    return Problem(
        premises={},
        conditions=[c for p in problems for c in p.conditions],
        paths=sum(p.paths for p in problems),
        strategy="integers",
    )
