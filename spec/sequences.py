"""Sequences of operations for symbolic exploration: sizes, times and the physical page size stay open."""

from __future__ import annotations

from spec.language import Sequences, choose

from .alloc import alloc_stack
from .environment.client import alloc_large_object, take
from .environment.mutator import empty_slot, give_up
from .environment.start import initial
from .heap import Heap
from .parameters import sys
from .scavenge import scavenge
from .span import base
from .types import STACK_USER, Uintptr


def allocate_object(h: Heap) -> None:
    """Allocate a large object of any length and hold it; the arena has room for one in every struct."""
    pass_time(h)
    npages = choose(range(1, sys.arena_pages // sys.spans + 1), where=lambda n: empty_slot(h.mutators[0]) < sys.held)
    hold(h, alloc_large_object(h, npages))


def allocate_stack(h: Heap) -> None:
    """Allocate a stack of any length and hold it."""
    pass_time(h)
    npages = choose(range(1, sys.arena_pages // sys.spans + 1), where=lambda n: empty_slot(h.mutators[0]) < sys.held)
    s = alloc_stack(h, npages)
    if s is not None:
        take(h, base(s), npages, STACK_USER)
        hold(h, base(s))


def free(h: Heap) -> None:
    """Give up one of the objects and stacks that are held."""
    pass_time(h)
    slot = choose(range(sys.held), where=lambda i: h.mutators[0].root[i] != 0)
    give_up(h, h.mutators[0], slot)


def scavenge_now(h: Heap) -> None:
    """Release what has been unused for longer than any limit, at any time that the clock has shown."""
    pass_time(h)
    now, limit = choose(range(1, sys.max_time + 1), range(sys.max_time + 1), where=lambda now, limit: now <= h.clock)
    scavenge(h, now, limit)
    h.os.shortest_idle = sys.word_max


def scavenge_all(h: Heap) -> None:
    """Release all that is free, as FreeOSMemory does."""
    scavenge(h, sys.word_max, 0)
    h.os.shortest_idle = sys.word_max


def pass_time(h: Heap) -> None:
    """Let any time pass."""
    elapsed = choose(range(sys.max_time + 1))
    h.clock += elapsed


def hold(h: Heap, v: Uintptr) -> None:
    """Keep an address; 0 is none."""
    if v != 0:
        h.mutators[0].root[empty_slot(h.mutators[0])] = v


PARAMETERS = {
    "page_shift": 13,
    "phys_page_size": 4096,
    "arena_start": 0xC420000000,
    "arena_pages": 1 << 18,
    "max_mheap_list": 4,
    "heap_alloc_chunk": 4 << 13,
    "spans": 24,
    "allspans_chunk": 64,
    "ptr_size": 8,
    "mspan_size": 160,
    "bitmap_scale": 32,
    "bitmap_chunk": 8192,
    "word_bits": 64,
    "gen_bits": 32,
    "held": 8,
    "max_time": 1 << 40,
}
"""Bytes as on linux/amd64; few lists, because each list of fixed length is a case of its own."""

PHYSICAL = tuple(1 << i for i in range(12, 22))
"""4 KB to 2 MB: half a heap page to 256 of them."""

ALLOC_FREE = Sequences(
    name="alloc_free",
    purpose="objects of any length, allocated and freed in any order",
    root=Heap,
    initial=initial,
    operations=(allocate_object, free),
    parameters=PARAMETERS,
    varies={"phys_page_size": PHYSICAL},
)

STACKS = Sequences(
    name="stacks",
    purpose="objects and stacks of any length, allocated and freed in any order",
    root=Heap,
    initial=initial,
    operations=(allocate_object, allocate_stack, free),
    parameters=PARAMETERS,
    varies={"phys_page_size": PHYSICAL},
)

SCAVENGE = Sequences(
    name="scavenge",
    purpose="objects of any length, and the scavenger at any time and for any limit",
    root=Heap,
    initial=initial,
    operations=(allocate_object, free, scavenge_now, scavenge_all),
    parameters=PARAMETERS,
    varies={"phys_page_size": PHYSICAL},
)
