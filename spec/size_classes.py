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


CLASS_TO_SIZE, CLASS_TO_PAGES = derive()
