"""What the claims about the sweep take for granted, and the problem of several functions at once."""

from __future__ import annotations

from proofs.kernel import Problem
from proofs.protocol.problems import steps
from proofs.protocol.task import Task
from spec.language import Edit

THREADS = (
    "any number of threads, and of spans below 2^32 - 1; each is a mutator, the background sweeper or the collector, and has "
    "its own flag",
    "steps as at fine atomicity; memory is sequentially consistent",
)
STRUCTURE = (
    "the claims keeps_*, for what happens under the heap's lock: lists and the table lead to initialised structs, the "
    "allocator's list to dead ones, busy lists to spans in use; no list operation throws and no index is outside",
)
SWEEPING = ("sweepone is called fewer than 2^32 - 1 times a cycle (spanidx does not wrap)", "marked objects are allocated")
STACKS = (
    "a stack in its holder's hands stays one; who frees a stack is inside, or the collector (free_stack_spans is a contract)",
)
MARKING = ("the marker's pointers lead into spans that were handed out",)
CLIENTS = ("who has a span swept holds an object in it; what a mutator does inside is a contract",)


def several(*tasks: Task, edits: tuple[Edit, ...] = ()) -> Problem:
    """The conditions of several functions."""
    problems = [steps(task, edits) for task in tasks]
    return Problem(
        premises={},
        conditions=[c for p in problems for c in p.conditions],
        paths=sum(p.paths for p in problems),
        strategy="integers",
    )
