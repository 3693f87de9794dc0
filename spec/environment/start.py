"""State 0 of every scenario: an empty heap in a world where nothing has happened."""

from __future__ import annotations

from spec.environment.scavenger import initial_os
from spec.heap import Heap
from spec.init import init


def initial(h: Heap) -> None:
    """Build the empty heap."""
    init(h)
    initial_os(h)
