"""The memory that executing steps and properties share with whoever runs them: a `Run`, and counters behind it."""

from __future__ import annotations

from dataclasses import dataclass

from checker.native.kernels.language import Struct, Word

CHOICES = 8
"""Values that one choice can have."""

FAILURES = 64
"""Failed clauses that one evaluation can note."""


class Run(Struct):
    """The head of the memory.

    ``who`` is the number of the thread that executes, 0 in an invariant; ``property`` the number of the one being
    evaluated; ``observer`` the `Run` of properties, whose coverage is not the threads'; ``worker`` whoever collects
    successors. ``failures`` counts those noted behind; ``detail`` is the value that did not fit where a step ended early.
    """

    who: Word
    property: Word
    observer: Word
    worker: Word
    failures: Word
    detail: Word
    choice: Word  # the first of CHOICES words


@dataclass(frozen=True, slots=True)
class RunLayout:
    """Byte offsets of what lies behind the head.

    Attributes
    ----------
    noted : int
        Failed clauses: property << 32 | number of the clause.
    blocks, points, antecedents, explained : int
        Counters, a word each.
    size : int
    """

    noted: int
    blocks: int
    points: int
    antecedents: int
    explained: int
    size: int


def run_layout(blocks: int, points: int = 0, properties: int = 0, findings: int = 0) -> RunLayout:
    """Lay out a `Run` with so many counters of each kind."""
    noted = Run.offset("choice") + 8 * CHOICES
    at = [noted + 8 * FAILURES]
    for count in (blocks, points, properties, findings):
        at.append(at[-1] + 8 * count)
    return RunLayout(noted, *at)
