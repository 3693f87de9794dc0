"""A counterexample to induction: a heap on which an operation breaks a clause, as far as the proof looked at it.

It satisfies the invariant, but nobody has shown that it can be reached: see `proofs.reachable`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from checker.report.picture import as_text
from spec.language import Block, Strip
from spec.picture import KINDS

OTHERS = Block("of spans that do not matter", "~")
LONGEST = 100
"""Pages that are drawn."""


@dataclass(frozen=True, slots=True)
class Span:
    """A live span.

    Attributes
    ----------
    number : int
        Of its struct.
    state : int
        As in `spec.types`.
    first, npages : int
        Its pages, counted from the arena's start.
    npreleased, needzero : int
        Its fields.
    """

    number: int
    state: int
    first: int
    npages: int
    npreleased: int
    needzero: int

    def __str__(self) -> str:
        """``span 3: pages 4..5, free, 1 released, needzero 1``."""
        pages = f"page {self.first}" if self.npages == 1 else f"pages {self.first}..{self.first + self.npages - 1}"
        kind = KINDS[self.state][0] if self.state in KINDS else f"state {self.state}"
        released = f", {self.npreleased} counted as released" if self.npreleased else ""
        return f"span {self.number}: {pages}, {kind}{released}, needzero {self.needzero}"


@dataclass(frozen=True, slots=True)
class Counterexample:
    """What breaks.

    Attributes
    ----------
    condition, call : str
        The condition that does not follow, and the call that breaks it.
    physical : int
        Heap pages in a physical page; 1 also for smaller ones.
    used, used_after : int
        Pages of the arena in use, before and after.
    before, after : tuple of Span
        Live spans that the proof looked at, by address. Nothing is after if the operation does not return.
    about : tuple of (str, int)
        The span, page, list or place of which the condition speaks.
    """

    condition: str
    call: str
    physical: int
    used: int
    used_after: int
    before: tuple[Span, ...]
    after: tuple[Span, ...]
    about: tuple[tuple[str, int], ...]

    @classmethod
    def restored(cls, fields: Mapping[str, Any]) -> Counterexample:
        """From what `dataclasses.asdict` made of it, in JSON."""
        spans = {k: tuple(Span(**s) for s in fields[k]) for k in ("before", "after")}
        return cls(**{**fields, **spans, "about": tuple((k, v) for k, v in fields["about"])})

    def lines(self) -> list[str]:
        """The heap before and after, drawn."""
        out = [f"a heap with the invariant, physical pages of {self.physical} heap page{'s' * (self.physical > 1)}:"]
        out += ["  " + line for line in _drawn(self.before, self.used)]
        out.append(f"after {self.call}:" if self.after else f"{self.call} does not return")
        out += ["  " + line for line in (_drawn(self.after, self.used_after) if self.after else ())]
        if self.about:
            out.append("broken for " + ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in self.about))
        return out


def _drawn(spans: Sequence[Span], used: int) -> Iterator[str]:
    """A strip of the pages from the first span to the last, if that is short, and the spans."""
    if spans:
        low, high = min(s.first for s in spans), max(s.first + s.npages for s in spans)
        if 0 < high - low <= LONGEST:
            blocks = [OTHERS] * (high - low)
            for s in spans:
                kind, mark = KINDS.get(s.state, ("unknown", "?"))
                blocks[s.first - low : s.first - low + s.npages] = [Block(kind, mark)] * s.npages
            ends = "to the arena's end in use" if high == used else f"of {used} in use"
            yield from as_text([Strip(f"pages {low}..{high - 1} {ends}", tuple(blocks))])
    yield from map(str, spans)
