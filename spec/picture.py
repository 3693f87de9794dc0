"""Drawing the heap: the arena as a strip of pages, and the lists."""

from __future__ import annotations

from spec.language import Picture

from .heap import Heap
from .parameters import sys
from .structs import SpanList
from .types import DEAD, FREE, IN_USE, RELEASED, STACK

_MARKS = {IN_USE: "#", STACK: "S", FREE: ".", DEAD: "x"}


def draw(h: Heap) -> list[str]:
    """The pages of the arena (# in use, S stack, . free, / free and released, blank unmapped), spans, and lists."""
    used = (h.arena_used - h.arena_start) >> sys.page_shift
    pages, names = [" "] * sys.arena_pages, []
    for i in range(h.nspan):
        s = h.mspans[i]
        first = (s.start_addr - h.arena_start) >> sys.page_shift
        if s.state == DEAD or not 0 <= first < used:
            continue
        names.append(f"mspans[{i}]={first}..{first + s.npages - 1}")
        for p in range(first, min(first + s.npages, sys.arena_pages)):
            pages[p] = "/" if s.state == FREE and h.os.page[p] == RELEASED else _MARKS.get(s.state, "?")
    lines = [f"pages  |{''.join(pages)}|  # in use, S stack, . free, / free and released, blank unmapped"]
    lines.append("spans  " + (" ".join(names) or "none"))
    for label, lists, large in (("free", h.free, h.freelarge), ("busy", h.busy, h.busylarge)):
        shown = [f"{label}[{i}]: {_members(x)}" for i, x in enumerate(lists) if x.first is not None]
        if large.first is not None:
            shown.append(f"{label}large: {_members(large)}")
        lines.append(f"{label}   " + ("; ".join(shown) or "all empty"))
    return lines


def _members(spans: SpanList) -> str:
    names: list[str] = []
    s = spans.first
    while s is not None and len(names) < sys.spans:
        names.append(f"mspans[{getattr(s, 'number', 0) - 1}]")
        s = s.next
    return " ".join(names)


PICTURE = Picture(draw)
