"""How the places of strips look: a colour for each kind, a figure for each mark, given out in the order in which they occur."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from checker.report.style import inert
from spec.language import Block, Drawn, Strip

COLOURS, FIGURES = 8, 6
"""How many the style sheet has; later kinds take the colours again with a dotted edge, later marks share one figure."""


@dataclass(frozen=True, slots=True)
class Look:
    """The kinds with a place that shows each, and the words of marks, in order."""

    kinds: tuple[tuple[str, Block], ...]
    marks: tuple[str, ...]

    def classes(self, block: Block, *, changed: bool = False) -> str:
        """The classes of a place."""
        return " ".join([self.kind(block), *(self.mark(m) for m in block.marks), *(["c"] if changed else [])])

    def kind(self, block: Block) -> str:
        """The class of a place's kind: a kind that stands for nothing, with no character that can be seen, has no colour."""
        if not sign(block):
            return "kb"
        coloured = [kind for kind, example in self.kinds if sign(example)]
        at = coloured.index(block.kind) if block.kind in coloured else 0
        return f"k{at % COLOURS}" + (" kx" if at >= COLOURS else "")

    def mark(self, word: str) -> str:
        """The class of a mark."""
        at = self.marks.index(word)
        return f"m{at}" if at < FIGURES else "mx"


def look_of(pictures: Iterable[Sequence[Drawn]]) -> Look:
    """The look of all states of a run.

    Of two marks that occur together the one that the spec names first comes first, so that it is drawn alike in most runs.
    """
    kinds: dict[str, Block] = {}
    places: dict[str, int] = {}
    for block in blocks(pictures):
        kinds.setdefault(block.kind, block)
        for i, word in enumerate(block.marks):
            places[word] = max(i, places.get(word, 0))
    return Look(tuple(kinds.items()), tuple(sorted(places, key=lambda w: places[w])))


def sign(block: Block) -> str:
    """The character that stands for a place."""
    return inert(block.mark)[:1].strip()


def said(block: Block) -> str:
    """A place in words."""
    return ", ".join(inert(word) for word in (block.kind, *block.marks, *([block.owner] if block.owner else [])))


def blocks(pictures: Iterable[Sequence[Drawn]]) -> Iterator[Block]:
    """All places of the strips of some states."""
    for picture in pictures:
        for part in picture:
            if isinstance(part, Strip):
                yield from part.blocks
