"""A large span goes back to the heap before its sweeper has finished with it."""

from __future__ import annotations

from spec.language import Edit, Variant

VARIANT = Variant(
    id="B22",
    name="span freed before the sweeper's last write",
    go="cc8f544198 (#11617)",
    edits=(
        Edit(
            "environment.sweep.sweep",
            old=("    writes_bits(h, s)\n    s.alloc_count = nalloc\n    s.freeindex = 0\n    s.marked = False\n"),
            new="    s.alloc_count = nalloc\n",
        ),
        Edit(
            "environment.sweep.sweep",
            old=("        free_span(h, s, True)\n        pages_freed(h, npages)\n        return True\n    return False"),
            new=(
                "        free_span(h, s, True)\n"
                "        pages_freed(h, npages)\n"
                "    writes_bits(h, s)\n"
                "    s.freeindex = 0\n"
                "    s.marked = False\n"
                "    return free_to_heap"
            ),
        ),
    ),
    property="P14",
    scenario="sweep",
)
