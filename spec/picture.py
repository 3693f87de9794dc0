"""Drawing the heap: the arena as a strip of pages, and the lists."""

from __future__ import annotations

from spec.language import Block, Chain, Drawn, Picture, Strip

from .heap import Heap
from .parameters import sys
from .structs import SpanList
from .types import DEAD, FREE, IN_USE, MAPPED, RELEASED, RESERVED, STACK

KINDS = {IN_USE: ("in use", "#"), STACK: ("stack", "S"), FREE: ("free", ".")}
"""What a page of a span in this state is called, and its mark."""


def draw(h: Heap) -> list[Drawn]:
    """The pages of the arena by the state of their span, the spans that are in the table, and the lists."""
    used = (h.arena_used - h.arena_start) >> sys.page_shift
    pages = [_unowned(h, p) for p in range(sys.arena_pages)]
    names = []
    for i in range(h.nspan):
        s = h.mspans[i]
        first = (s.start_addr - h.arena_start) >> sys.page_shift
        if s.state == DEAD or not 0 <= first < used:
            continue
        names.append(f"mspans[{i}]={first}..{first + s.npages - 1}")
        for p in range(first, min(first + s.npages, sys.arena_pages)):
            pages[p] = _owned(h, p, s.state, f"mspans[{i}]")
    drawn: list[Drawn] = [Strip("pages", tuple(pages)), "spans  " + (" ".join(names) or "none")]
    for label, lists, large in (("free", h.free, h.freelarge), ("busy", h.busy, h.busylarge)):
        drawn += [Chain(f"{label}[{i}]", _members(x)) for i, x in enumerate(lists)]
        drawn.append(Chain(f"{label}large", _members(large)))
    return drawn


def _unowned(h: Heap, page: int) -> Block:
    if h.os.page[page] == RESERVED:
        return Block("unmapped", " ")
    return Block("no span", "x", _marks(h, page))


def _owned(h: Heap, page: int, state: int, owner: str) -> Block:
    kind, mark = KINDS.get(state, ("unknown", "?"))
    if state == FREE and h.os.page[page] == RELEASED:
        kind, mark = "free, released", "/"
    return Block(kind, mark, _marks(h, page), owner)


def _marks(h: Heap, page: int) -> tuple[str, ...]:
    """What the operating system and the observer know of a page."""
    marks = []
    if h.os.page[page] == RELEASED:
        marks.append("released")
    if h.os.page[page] in (MAPPED, RELEASED) and h.os.dirty[page]:
        marks.append("dirty")
    return tuple(marks)


def _members(spans: SpanList) -> tuple[str, ...]:
    names: list[str] = []
    s = spans.first
    while s is not None and len(names) < sys.spans:
        names.append(f"mspans[{getattr(s, 'number', 0) - 1}]")
        s = s.next
    return tuple(names)


PICTURE = Picture(draw)
