"""What a run should have exercised, counted in every result."""

from __future__ import annotations

from spec.language import Landmark

GROWTH = Landmark("growth", "environment.arena.sys_alloc", "h.arena_used = p + n")
EXHAUSTED = Landmark("arena exhausted", "environment.arena.sys_alloc", "h.os.refused = True")
SPLIT = Landmark("split", "alloc.alloc_span_locked", "t = fixalloc_alloc(h)")
EARLIER = Landmark("coalescing with the earlier span", "free.free_span_locked", "s.start_addr = t.start_addr")
LATER = Landmark("coalescing with the later span", "free.free_span_locked", "s.npreleased += t.npreleased")
RELEASE = Landmark("release", "environment.os.sys_unused")
REUSE = Landmark("allocation from released memory", "environment.os.sys_used")
OUT_OF_MEMORY = Landmark("growth failed", "grow.grow", "return False")
