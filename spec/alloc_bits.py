"""The free slots of a span: freeindex, allocCache and allocBits (mbitmap.go, malloc.go)."""

from __future__ import annotations

from spec.language import throw_if, u64

from .objects import CACHE_BITS, ObjectSpan
from .types import Uintptr


def ctz64(x: int) -> int:
    """The number of 0 bits below the lowest 1; 64 if there is none.

    Go: intrinsics.go:Ctz64
    """
    if x == 0:
        return 64
    n = 0
    if x & 0xFFFFFFFF == 0:
        n = 32
        x = x >> 32
    if x & 0xFFFF == 0:
        n = n + 16
        x = x >> 16
    if x & 0xFF == 0:
        n = n + 8
        x = x >> 8
    if x & 0xF == 0:
        n = n + 4
        x = x >> 4
    if x & 0x3 == 0:
        n = n + 2
        x = x >> 2
    if x & 0x1 == 0:
        n = n + 1
    return n


def is_free(s: ObjectSpan, index: Uintptr) -> bool:
    """Whether a slot's bit says that it is free.

    Go: mbitmap.go:mspan.isFree
    """
    return s.alloc_bits[index // 8] & (1 << index % 8) == 0


def refill_alloc_cache(s: ObjectSpan, which_byte: Uintptr) -> None:
    """Cache the complement of the eight bytes of allocBits from this one on.

    Go: mbitmap.go:mspan.refillAllocCache
    """
    a_cache = s.alloc_bits[which_byte]
    a_cache = a_cache | s.alloc_bits[which_byte + 1] << 8
    a_cache = a_cache | s.alloc_bits[which_byte + 2] << 16
    a_cache = a_cache | s.alloc_bits[which_byte + 3] << 24
    a_cache = a_cache | s.alloc_bits[which_byte + 4] << 32
    a_cache = a_cache | s.alloc_bits[which_byte + 5] << 40
    a_cache = a_cache | s.alloc_bits[which_byte + 6] << 48
    a_cache = a_cache | s.alloc_bits[which_byte + 7] << 56
    s.alloc_cache = ~a_cache


def next_free_index(s: ObjectSpan) -> Uintptr:
    """Take the first free slot at or after freeindex; the number of slots if there is none.

    Go: mbitmap.go:mspan.nextFreeIndex
    """
    sfreeindex = s.freeindex
    snelems = s.nelems
    if sfreeindex == snelems:
        return sfreeindex
    throw_if(sfreeindex > snelems, "s.freeindex > s.nelems")
    a_cache = s.alloc_cache
    bit_index = ctz64(a_cache)
    while bit_index == CACHE_BITS:
        sfreeindex = u64(sfreeindex + CACHE_BITS) & ~(CACHE_BITS - 1)
        if sfreeindex >= snelems:
            s.freeindex = snelems
            return snelems
        refill_alloc_cache(s, sfreeindex // 8)
        a_cache = s.alloc_cache
        bit_index = ctz64(a_cache)
    result = u64(sfreeindex + bit_index)
    if result >= snelems:
        s.freeindex = snelems
        return snelems
    s.alloc_cache = s.alloc_cache >> bit_index + 1
    sfreeindex = u64(result + 1)
    if sfreeindex % CACHE_BITS == 0 and sfreeindex != snelems:
        # Each bit of the cache has been shifted out.
        refill_alloc_cache(s, sfreeindex // 8)
    s.freeindex = sfreeindex
    return result


def next_free_fast(s: ObjectSpan) -> Uintptr:
    """The address of the next object if the cache has it, else 0.

    Go: malloc.go:nextFreeFast
    """
    the_bit = ctz64(s.alloc_cache)
    if the_bit < CACHE_BITS:
        result = u64(s.freeindex + the_bit)
        if result < s.nelems:
            freeidx = u64(result + 1)
            if freeidx % CACHE_BITS == 0 and freeidx != s.nelems:
                return 0
            s.alloc_cache = s.alloc_cache >> the_bit + 1
            s.freeindex = freeidx
            s.alloc_count = s.alloc_count + 1 & 0xFFFF
            return u64(u64(result * s.elemsize) + s.start_addr)
    return 0
