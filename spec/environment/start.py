"""State 0 of every scenario: an empty heap in a world where nothing has happened."""

from __future__ import annotations

from ..heap import Heap
from ..init import init
from .scavenger import initial_os


def initial(h: Heap) -> None:
    """Build the empty heap."""
    init(h)
    initial_os(h)
