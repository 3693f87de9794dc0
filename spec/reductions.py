"""What a search may take for the same: cells that nobody reads again, and the order in which sweepone visits spans.

Each is checked: a search without reductions reaches states whose reduced forms are exactly those of the search with them.
"""

from __future__ import annotations

from spec.language import Forget, RealOrder

from .heap import Heap
from .parameters import sys
from .structs import Span
from .types import DEAD, IN_USE, INDEX


def is_dead(h: Heap, s: Span) -> bool:
    """Whether the struct stands for no memory."""
    return s.state == DEAD


def is_lost(h: Heap, s: Span) -> bool:
    """Whether the struct stands for no memory, and no entry of the table leads a reader to it."""
    if s.state != DEAD:
        return False
    for p in range(sys.table_size):
        if h.spans[p] is s:
            return False
    return True


def is_not_in_use(h: Heap, s: Span) -> bool:
    """Whether there is nothing in the span to sweep."""
    return s.state != IN_USE


SIZE = Forget(
    record="Span",
    fields=("elemsize",),
    when=is_not_in_use,
    held=True,
    reason="alloc_m stores it with the state, and nobody here reads it: lookups of objects come with the central lists",
)

CLASS = Forget(
    record="Span",
    fields=("sizeclass",),
    when=is_not_in_use,
    reason="alloc_m stores it with the state; only of spans in use does anybody ask for it",
)

CONTENTS = Forget(
    record="Span",
    fields=("alloc_count", "unusedsince", "npreleased", "needzero"),
    when=is_dead,
    reason="mspan.init resets them, and readers without the lock do not look at them",
)

EXTENT = Forget(
    record="Span",
    fields=("start_addr", "npages"),
    when=is_lost,
    reason="mspan.init resets them, and no reader can find the struct; one that holds it in a local keeps it",
)

DUE = Forget(
    record="Span",
    fields=("due",),
    when=is_not_in_use,
    reason="only a span in use can be due; that one is freed while it is due shows in that very step",
)

REAL_ORDER = RealOrder(parameter="sweep_order", value=INDEX, function="environment.sweep.next_span")
