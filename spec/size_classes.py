"""The size classes of small objects, derived by msize.go's rules."""

from __future__ import annotations

MAX_SMALL_SIZE = 32768
PAGE_SIZE = 8192


def derive() -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Object sizes in bytes and span lengths in pages by class; class 0 (large) has 0 for both.

    Go: msize.go:initSizes
    """
    sizes, pages = [0], [0]
    size, align = 8, 8
    while size <= MAX_SMALL_SIZE:
        if size & (size - 1) == 0:
            if size >= 2048:
                align = 256
            elif size >= 128:
                align = size // 8
            elif size >= 16:
                align = 16
        span = PAGE_SIZE
        while span % size > span // 8:
            span += PAGE_SIZE
        npages = span // PAGE_SIZE
        if len(sizes) > 1 and npages == pages[-1] and span // size == span // sizes[-1]:
            sizes[-1] = size
        else:
            sizes.append(size)
            pages.append(npages)
        size += align
    return tuple(sizes), tuple(pages)


def compute_div_magic(size: int) -> tuple[int, int, int, int]:
    """What divides by an object size: first shift, multiplier, second shift, and the base mask (0: no power of two).

    Go: msize.go:computeDivMagic
    """
    base_mask = 2**64 - size if size & (size - 1) == 0 else 0
    shift, odd = 0, size
    while odd & 1 == 0:
        shift += 1
        odd >>= 1
    shift2 = 63
    while ((1 << shift2) + odd - 1) // odd >= 1 << 32:
        shift2 -= 1
    return shift, ((1 << shift2) + odd - 1) // odd, shift2, base_mask


CLASS_TO_SIZE, CLASS_TO_PAGES = derive()
_MAGIC = ((0, 0, 0, 0), *map(compute_div_magic, CLASS_TO_SIZE[1:]))
CLASS_TO_DIV_SHIFT = tuple(m[0] for m in _MAGIC)
CLASS_TO_DIV_MUL = tuple(m[1] for m in _MAGIC)
CLASS_TO_DIV_SHIFT2 = tuple(m[2] for m in _MAGIC)
CLASS_TO_BASE_MASK = tuple(m[3] for m in _MAGIC)
