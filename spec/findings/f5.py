"""Reclaim gives up while an unswept span is left."""

from __future__ import annotations

from spec.language import Finding

from ..heap import Heap
from ..structs import Span


def explains(h: Heap, span: Span) -> bool:
    """Another thread has taken the span off the list of those to sweep and has still to claim it."""
    return span.looked_at


FINDING = Finding(
    id="F5",
    title="reclaim stops too early while another thread is about to claim the last unswept span",
    property="P18",
    clause="nothing left to sweep",
    explains=explains,
    scenario="sweep",
    depth=35,
    reason=(
        "sweepone's list is empty as soon as the last span is taken off it, before it is claimed and swept. The heap may grow "
        "although that span's memory comes back a moment later; nothing is lost but the growth."
    ),
)
