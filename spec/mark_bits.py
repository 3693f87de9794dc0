"""The arenas that mark and allocation bits come from (mheap.go:gcBits)."""

from __future__ import annotations

from typing import Annotated

from spec.language import Lock, Range, Size, acquire, release, throw, throw_if, u64

from .parameters import sys
from .types import Uintptr

GC_BITS_CHUNK_BYTES = 64 << 10
ARENAS = 4


class GCBits:
    """One arena: a header of two words, then bits (mheap.go:gcBits). ``addr`` is where its memory begins."""

    addr: Uintptr
    free: Uintptr
    next: GCBits | None


class GCBitsArenas:
    """The arenas by use (mheap.go:gcBitsArenas); the operating system gives those of ``memory`` in order."""

    lock: Lock
    free: GCBits | None
    next: GCBits | None
    current: GCBits | None
    previous: GCBits | None
    memory: Annotated[list[GCBits], Size(ARENAS)]
    given: Annotated[int, Range(0, ARENAS)]


def bits_offset() -> Uintptr:
    """Where the bits begin in an arena: unsafe.Offsetof(gcBits{}.bits)."""
    return 2 * sys.ptr_size


def bits_length() -> Uintptr:
    """Bytes of bits in an arena: len(gcBits{}.bits)."""
    return GC_BITS_CHUNK_BYTES - bits_offset()


def new_mark_bits(m: GCBitsArenas, nelems: Uintptr) -> Uintptr:
    """The address of zeroed bits for so many objects, in whole words of eight bytes.

    Go: mheap.go:newMarkBits
    """
    acquire(m.lock)
    blocks_needed = u64(nelems + 63) // 64
    bytes_needed = u64(blocks_needed * 8)
    if m.next is None or u64(m.next.free + bytes_needed) > bits_length():
        fresh = new_arena(m)
        fresh.next = m.next
        m.next = fresh
    throw_if(m.next.free >= GC_BITS_CHUNK_BYTES, "markBits overflow")
    throw_if(m.next.free >= bits_length(), "index out of range")  # Go checks the index itself
    result = u64(m.next.addr + bits_offset() + m.next.free)
    m.next.free = m.next.free + bytes_needed
    release(m.lock)
    return result


def new_alloc_bits(m: GCBitsArenas, nelems: Uintptr) -> Uintptr:
    """Bits for a new span's objects; other spans go on with their mark bits.

    Go: mheap.go:newAllocBits
    """
    return new_mark_bits(m, nelems)


def sys_alloc_arena(m: GCBitsArenas) -> GCBits | None:
    """Memory for an arena from the operating system, None if it has no more."""
    if m.given == ARENAS:
        return None
    result = m.memory[m.given]
    m.given += 1
    return result


def new_arena(m: GCBitsArenas) -> GCBits:
    """An empty arena: one that nobody uses any more, else memory from the operating system.

    Go: mheap.go:newArena
    """
    # Deviation: what stands in an arena is not modelled, so there is nothing to clear.
    result = m.free
    if result is None:
        result = sys_alloc_arena(m)
        if result is None:
            throw("runtime: cannot allocate memory")
    else:
        m.free = result.next
    result.next = None
    if bits_offset() & 7 == 0:
        result.free = 0
    else:
        result.free = 8 - (u64(result.addr + bits_offset()) & 7)
    return result
