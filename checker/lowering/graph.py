"""The control flow graph of one thread: blocks of statements, cut where the thread can be suspended."""

from __future__ import annotations

from dataclasses import dataclass, field

from checker.frontend import tree as t

Position = tuple[tuple[str, int], ...]
"""Call stack as (function, line), outermost first."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A scheduling point: the step ends here, and the next one begins with what is at this point.

    Attributes
    ----------
    kind : str
        ``choose``, ``wait``, ``rest``, ``acquire``, ``released``, ``atomic``, ``load``, ``store`` or ``step``.
    position : Position
    stmt : Stmt or None
        The choice, wait or acquisition whose guard decides whether the next step is enabled.
    lock : str
        For loads: the root's lock under which this is no scheduling point.
    """

    kind: str
    position: Position
    stmt: t.Stmt | None = None
    lock: str = ""


@dataclass(slots=True)
class Block:
    """A run of statements; ``test`` set: go to ``then`` or ``other``; else to ``then``; None: the thread returns."""

    cut: Cut | None = None
    stmts: list[t.Stmt] = field(default_factory=list)
    test: t.Expr | None = None
    then: int | None = None
    other: int | None = None

    def successors(self) -> list[int]:
        """The blocks that may follow."""
        return [b for b in (self.then, self.other) if b is not None]


@dataclass(slots=True)
class Graph:
    """A thread function, inlined and cut.

    Attributes
    ----------
    function : str
    blocks : list of Block
        Block 0 is the entry.
    types : dict
        Type of every local, by its name after inlining.
    live : dict
        For each block with a cut, the locals to be saved there, in order.
    silent : set of Position
        Releases after which nothing visible happens before the next cut: no step ends there.
    """

    function: str
    blocks: list[Block]
    types: dict[str, t.Type]
    live: dict[int, list[str]] = field(default_factory=dict)
    silent: set[Position] = field(default_factory=set)

    def cuts(self) -> list[int]:
        """The blocks at which the thread can be suspended; their order numbers the labels from 1."""
        return [i for i, b in enumerate(self.blocks) if b.cut is not None]
