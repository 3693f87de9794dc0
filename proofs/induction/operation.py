"""An operation and its contract: what it requires, and what it ensures besides the invariant."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from checker.symbolic.cells import Cells
from checker.symbolic.memory import Value
from checker.symbolic.number import Num, Term
from proofs.induction.heap import Heap, Whole

Args = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class After:
    """What a step clause may speak of.

    Attributes
    ----------
    before, heap : Heap
        Before and after the operation.
    args, result : value
        Of the call; the heap is not among the arguments.
    span, page : Num
        Any span and any page.
    whole : Whole
        Counts whole physical pages.
    """

    before: Heap
    heap: Heap
    args: Args
    result: Value
    span: Num
    page: Num
    whole: Whole


def _ensures_nothing(after: After) -> dict[str, Term]:
    return {}


def _meets_none(args: Args) -> Iterable[Num]:
    return ()


@dataclass(frozen=True, slots=True)
class Operation:
    """A function of the spec that is run alone, with the lock free, on any heap that satisfies the invariant.

    Attributes
    ----------
    function, go : str
        In the spec and in mheap.go.
    arguments : callable
        From the memory to the arguments besides ``h``.
    requires : callable
        From the heap and the arguments to the premises, each with a sentence.
    ensures : callable
        To the step clauses, each with a sentence.
    meets : callable
        From the arguments to the spans that the caller holds.
    scale : str
        A key of `proofs.induction.conditions.SCALES`.
    """

    function: str
    go: str
    arguments: Callable[[Cells], dict[str, Value]]
    requires: Callable[[Heap, Args], dict[str, Term]]
    ensures: Callable[[After], dict[str, Term]] = _ensures_nothing
    meets: Callable[[Args], Iterable[Num]] = _meets_none
    scale: str = "any"
