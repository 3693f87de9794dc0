"""The scavenger's callers: sysmon, which reads the clock before it asks for the lock, and FreeOSMemory."""

from __future__ import annotations

from spec.language import choose, wait

from ..heap import Heap
from ..parameters import sys
from ..scavenge import free_os_memory, scavenge
from ..types import Time
from .clock import nanotime


def scavenger(h: Heap) -> None:
    """A thread that scavenges again and again.

    Go: proc.go:sysmon
    """
    while True:
        forced = choose(range(1 + sys.free_os_memory))
        now: Time = nanotime(h)
        limit: Time = sys.scavenge_limit
        if forced == 1:
            now = sys.word_max
            limit = 0
        scavenge(h, now, limit)
        h.os.shortest_idle = sys.word_max


def forced_collector(h: Heap) -> None:
    """A thread that calls FreeOSMemory again and again, up to the scenario's bound."""
    while True:
        wait(lambda: h.world.forced < sys.forced_cycles, rest=True)
        h.world.forced += 1
        free_os_memory(h)
        h.os.shortest_idle = sys.word_max


def initial_os(h: Heap) -> None:
    """The OS before anything ran: no range was released yet."""
    h.os.shortest_idle = sys.word_max
