"""The format gotrace-1: which fields an event has, of which types, and what its header must say.

A field is written ``name:type``; ``?`` after the name marks one that is absent when it does not apply.
Types: i integer, b boolean, s string, t time (an integer or ``"max"``), n integer or null.
"""

from __future__ import annotations

GO_COMMIT = "3de7dbb19145dcc6b7db8da7aef695961dbb5ece"

AMBIENT = ("gcphase", "sweepgen", "sweepdone")
"""Fields of every event, read when the event was completed."""

COUNTERS = (
    "pages_in_use",
    "heap_inuse",
    "heap_idle",
    "heap_released",
    "heap_sys",
    "spans_mapped",
    "arena_used",
    "stacks_inuse",
    "mspan_inuse",
    "nspan",
)
"""The fields of ``st``."""

LOCKED = {
    "init": "arena_start:s arena_end:s arena_used:s bitmap:s spans:s spans_size:i reserved:b",
    "grow": "req:i rounded:i ask:i base:i used_before:i spans_mapped_before:i bitmap_mapped_after:i sid:i fallback:b",
    "free": "cause:s from_state:s acctinuse:b acctidle:b unused_arg:t base:i npages:i needzero:i base2:i npages2:i "
    "npreleased2:i needzero2:i unused2:t left:i right:i sid:i left_sid?:i right_sid?:i on_busy:b "
    "left_npreleased?:i right_npreleased?:i",
    "alloc": "req:i list:i grew:b base:i found_npages:i found_npreleased:i needzero:i found_unused:t split:b sid:i "
    "rem_sid?:i rem_base?:i rem_npages?:i",
    "alloc_m_begin": "req:i sizeclass:i large:b sweepdone_in:i",
    "alloc_m_end": "req:i sizeclass:i large:b base:n span_sweepgen?:i sid?:i elemsize?:i needzero?:i",
    "alloc_stack_begin": "req:i",
    "alloc_stack_end": "req:i base:n sid?:i needzero?:i",
    "free_span_begin": "base:i npages:i acct:i sizeclass:i sid:i needzero:i",
    "free_span_end": "base:i npages:i sid:i base2:i npages2:i",
    "free_stack_begin": "base:i npages:i why:s sid:i",
    "free_stack_end": "base:i npages:i sid:i base2:i npages2:i",
    "reclaim_begin": "req:i",
    "reclaim_end": "req:i stage:s reclaimed:i",
    "reclaim_unlock": "reason:s base?:i npages:i sid?:i n:i want:i",
    "reclaim_lock": "reason:s base?:i npages:i freed:b n:i want:i",
    "scav_begin": "k:i now:t limit:i",
    "scav_span": "base:i npages:i start:i len:i npreleased:i npreleased2:i released:i unused:t list:i sid:i",
    "scav_skip": "base:i npages:i npreleased:i unused:t why:s list:i",
    "scav_end": "k:i released:i",
    "sweepgen": "old:i new:i nspans:i mode:s",
    "copyspans": "nspans:i",
    "sweep_pace": "heap_distance:i pages_in_use:i",
    "snap_begin": "reason:s",
    "snap_end": "reason:s",
}
"""Events recorded with the heap lock held and the counters ``st``."""

SNAP_SPAN = (
    "which:s idx:i pos:i base:i npages:i npreleased:i needzero:i unused:t state:s span_sweepgen:i sid:i "
    "sizeclass:i alloccount:i"
)

UNLOCKED = {
    "gcphase": "old:s new:s",
    "sweepone": "idx:i base:i npages:i sid:i",
    "sweep_begin": "base:i npages:i sizeclass:i preserve:b sid:i alloccount:i",
    "sweep_end": "base:i npages:i sizeclass:i preserve:b nfreed:i freed:b",
    "sweepdone": "idx:i nspans:i",
    "stw_stop": "",
    "stw_start": "",
    "stk_large_put": "base:i npages:i log2:i sid:i",
    "stk_large_get": "base:i npages:i log2:i sid:i",
    "stk_pool_defer": "base:i npages:i order:i gcphase_seen:s sid:i",
    "free_stack_spans_begin": "",
    "free_stack_spans_end": "",
    "zeroed": "base:i npages:i want:b needzero:i sid:i",
    "gcstart": "mode:s",
}
"""Events recorded without the heap lock."""

HEADER = (
    "ev:s format:s go_commit:s page_size:i phys_page_size:i max_mheap_list:i heap_alloc_chunk:i arena_start:s arena_end:s "
    "spans:s spans_size:i bitmap:s ptr_size:i mspan_size:i events:i dropped:i starts_empty:b gomaxprocs:i t0_ns:i"
)
"""What is read of the header; the rest describes the workload and is not checked."""

FIXED: dict[str, object] = {
    "format": "gotrace-1",
    "go_commit": GO_COMMIT,
    "page_size": 8192,
    "max_mheap_list": 128,
    "heap_alloc_chunk": 1 << 20,
    "ptr_size": 8,
    "stack_cache_size": 32768,
    "fixed_stack": 2048,
    "num_stack_orders": 4,
    "num_size_classes": 67,
    "mspan_size": 160,
    "dropped": 0,
    "starts_empty": True,
}
"""Header fields that have one value in this format: one Go commit on linux/amd64, complete traces from an empty heap."""

PHYS_PAGE_SIZES = (4096, 16384, 65536)

_TYPES: dict[str, tuple[type, ...]] = {
    "i": (int,),
    "b": (bool,),
    "s": (str,),
    "t": (int, str),
    "n": (int, type(None)),
}

Fields = dict[str, tuple[tuple[type, ...], bool]]
"""Allowed types by field name, and whether the field may be absent."""


def fields(text: str) -> Fields:
    """The fields that a line of the tables above declares."""
    out: Fields = {}
    for word in text.split():
        name, _, kind = word.partition(":")
        out[name.rstrip("?")] = (_TYPES[kind], name.endswith("?"))
    return out


def tables() -> dict[str, Fields]:
    """The complete fields of each event by its name."""
    common = "seq:i ev:s m:i ts:i gcphase:s sweepgen:i sweepdone:i "
    out = {ev: fields(common + text) for ev, text in UNLOCKED.items()}
    for ev, text in LOCKED.items():
        out[ev] = fields(common + text)
        out[ev]["st"] = ((dict,), False)
    out["snap_span"] = fields(common + SNAP_SPAN)
    return out
