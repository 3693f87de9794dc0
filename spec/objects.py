"""What a span knows of the objects in it: the fields of mspan that no scenario has a use for yet (mheap.go:mspan, special)."""

from __future__ import annotations

from typing import Annotated

from spec.language import Range, Size, Wrap

from .types import Uint8, Uint16, Uintptr

CACHE_BITS = 64
"""Slots that one allocCache covers."""


class Special:
    """A record about an object, such as its finalizer (mheap.go:special)."""

    next: Special | None
    offset: Uint16
    kind: Uint8


class ObjectSpan:
    """A run of pages cut into objects (mheap.go:mspan). ``alloc_bits`` is the memory from allocBits on."""

    start_addr: Uintptr
    npages: Uintptr
    freeindex: Uintptr
    nelems: Uintptr
    alloc_cache: Annotated[int, Wrap(CACHE_BITS)]
    alloc_bits: Annotated[list[Uint8], Size(1 << 16)]
    div_mul: Annotated[int, Range(0, 2**32 - 1)]
    alloc_count: Uint16
    div_shift: Uint8
    div_shift2: Uint8
    elemsize: Uintptr
    specials: Special | None
    base_mask: Uintptr


class Objects:
    """One span and the records about its objects: the root of the state for these functions alone."""

    span: ObjectSpan
    records: Annotated[list[Special], Size(4)]
