"""Stopping the world: nobody is stopped inside a region that must not be, and nobody enters one while it is stopped."""

from __future__ import annotations

from spec.language import wait

from ..heap import Heap
from ..parameters import sys


def stop_the_world(h: Heap) -> None:
    """Let nobody begin, and wait until everybody has come out. Threads without a P (sysmon's scavenger) run on.

    Go: proc.go:stopTheWorldWithSema
    """
    h.world.stopped = True
    wait(lambda: nobody_inside(h))


def start_the_world(h: Heap) -> None:
    """Let everybody go on.

    Go: proc.go:startTheWorldWithSema
    """
    h.world.stopped = False


def nobody_inside(h: Heap) -> bool:
    """Whether no thread is in a region where it cannot be stopped."""
    if h.sweep.inside:
        return False
    for i in range(sys.mutators):
        if h.mutators[i].inside:
            return False
    return True
