"""The heap at its real size: linux/amd64 (malloc.go, mheap.go, mbitmap.go)."""

from __future__ import annotations

from collections.abc import Mapping

REAL: Mapping[str, int] = {
    "page_shift": 13,
    "phys_page_size": 4096,
    "arena_start": 0xC420000000,
    "arena_pages": 1 << 26,
    "max_mheap_list": 128,
    "heap_alloc_chunk": 1 << 20,
    "grow_pages": 8,
    "spans": 1 << 20,
    "allspans_chunk": 8192,
    "ptr_size": 8,
    "mspan_size": 160,
    "bitmap_scale": 32,
    "bitmap_chunk": 8192,
    "word_bits": 64,
    "gen_bits": 32,
    "sweepgen_start": 0,
    "sweepdone_start": 0,
    "sweep_order": 1,
    "stack_pages": 1 << 20,
    "pool_stacks": 16,
    "pool_pages": 4,
    "max_time": 2**62,
}
"""Values over the defaults of `Sys`. ``arena_pages`` and ``spans`` size the plain heap's tables: give what a run needs."""
