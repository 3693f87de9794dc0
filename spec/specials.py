"""Records about single objects, by offset in their span and kind (mheap.go:special)."""

from __future__ import annotations

from spec.language import u64

from .objects import ObjectSpan, Special
from .types import Uint8, Uintptr


def addspecial(span: ObjectSpan, p: Uintptr, s: Special) -> bool:
    """Put a record about an address into its span's list, sorted by offset and kind; False if there is one of the kind.

    Go: mheap.go:addspecial
    """
    # Deviation: the caller has looked the span up, had it swept, and holds its speciallock.
    offset = u64(p - span.start_addr)
    kind = s.kind
    t: Special | None = None  # the record before the place, None where that is the list's head
    x = span.specials
    while x is not None:
        if offset == x.offset and kind == x.kind:
            return False
        if offset < x.offset or (offset == x.offset and kind < x.kind):
            break
        t = x
        x = x.next
    s.offset = offset & 0xFFFF
    s.next = x
    if t is None:
        span.specials = s
    else:
        t.next = s
    return True


def removespecial(span: ObjectSpan, p: Uintptr, kind: Uint8) -> Special | None:
    """Take the record of this kind about exactly this address out of its span's list; None if there is none.

    Go: mheap.go:removespecial
    """
    # Deviation: the caller has looked the span up, had it swept, and holds its speciallock.
    offset = u64(p - span.start_addr)
    t: Special | None = None
    s = span.specials
    while s is not None:
        if offset == s.offset and kind == s.kind:
            if t is None:
                span.specials = s.next
            else:
                t.next = s.next
            return s
        t = s
        s = s.next
    return None
