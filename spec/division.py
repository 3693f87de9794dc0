"""From an address to its object: division by the object size, done by multiplication (mbitmap.go)."""

from __future__ import annotations

from spec.language import u64

from .objects import ObjectSpan
from .parameters import sys
from .size_classes import CLASS_TO_BASE_MASK, CLASS_TO_DIV_MUL, CLASS_TO_DIV_SHIFT, CLASS_TO_DIV_SHIFT2, CLASS_TO_SIZE
from .types import Uint8, Uintptr


def set_elemsize(s: ObjectSpan, sizeclass: Uint8) -> None:
    """Give a span its object size and what divides by it; class 0 is one large object.

    Go: mheap.go:mheap.alloc_m
    """
    if sizeclass == 0:
        s.elemsize = s.npages << sys.page_shift
        s.div_shift = 0
        s.div_mul = 0
        s.div_shift2 = 0
        s.base_mask = 0
    else:
        s.elemsize = CLASS_TO_SIZE[sizeclass]
        s.div_shift = CLASS_TO_DIV_SHIFT[sizeclass]
        s.div_mul = CLASS_TO_DIV_MUL[sizeclass]
        s.div_shift2 = CLASS_TO_DIV_SHIFT2[sizeclass]
        s.base_mask = CLASS_TO_BASE_MASK[sizeclass]


def obj_index(s: ObjectSpan, p: Uintptr) -> Uintptr:
    """The number of the object at an address of the span.

    Go: mbitmap.go:mspan.objIndex
    """
    byte_offset = u64(p - s.start_addr)
    if byte_offset == 0:
        return 0
    if s.base_mask != 0:
        return byte_offset >> s.div_shift
    return u64((byte_offset >> s.div_shift) * s.div_mul) >> s.div_shift2


def object_base(s: ObjectSpan, p: Uintptr) -> tuple[Uintptr, Uintptr]:
    """Where the object at an address of the span begins, and its number.

    Go: mbitmap.go:heapBitsForObject
    """
    base = s.start_addr
    index = 0
    if s.base_mask != 0:
        base = u64(base + (u64(p - base) & s.base_mask))
        index = u64(base - s.start_addr) >> s.div_shift
    elif u64(p - base) >= s.elemsize:
        index = u64((u64(p - base) >> s.div_shift) * s.div_mul) >> s.div_shift2
        base = u64(base + u64(index * s.elemsize))
    return base, index
