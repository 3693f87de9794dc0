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

MARKED = Landmark("object marked while the world runs", "environment.marker.mark_from", "s.marked = True")
COLLECTION = Landmark("collection", "environment.collector.gc_start")
FORCED = Landmark("sweep in a stopped world", "environment.collector.gc_sweep", "while sweepone(h) != sys.word_max:")
SWEEP = Landmark("span swept", "environment.sweep.sweep")
SWEEP_FREES = Landmark("sweep that frees", "environment.sweep.sweep", "free_span(h, s, True)")
SWEEP_KEEPS = Landmark("sweep that keeps", "environment.sweep.sweepone", "npages = 0")
SWEEP_ENDS = Landmark("sweep done", "environment.sweep.sweepone", "h.sweepdone = 1")
SWEPT_ON_DEMAND = Landmark("sweep by ensureSwept", "environment.sweep.ensure_swept", "sweep(h, s, False)")
RECLAIM = Landmark("reclaim", "reclaim.reclaim")
RECLAIM_LIST = Landmark("reclaim from a busy list", "reclaim.reclaim_list", "n += snpages")
RECLAIM_ALL = Landmark("reclaim by sweeping everything", "reclaim.reclaim", "reclaimed += n")
LOOKS_AGAIN = Landmark("sweeper looks again before it parks", "environment.sweeper.bgsweep", "continue")
WOKEN = Landmark("sweeper woken", "environment.sweeper.ready", "h.sweep.parked = False")
STACK_KEPT = Landmark("stack kept during a collection", "environment.stacks.stackfree", "insert(h.stack_large")
STACK_REUSED = Landmark("kept stack used again", "environment.stacks.stackalloc", "remove(h.stack_large[order], s)")
STACK_AFTER = Landmark("kept stack given back", "environment.stacks.free_all", "free_stack(h, s)")
POOL_FREED = Landmark("pool's span given back at once", "environment.stacks.stackpoolfree", "give_back(h, s)")
POOL_AFTER = Landmark("pool's span given back after a collection", "environment.stacks.free_stack_spans", "give_back(h, s)")
ARRAY_FREED = Landmark("array of all spans replaced and unmapped", "table.recordspan", "sys_free_array(old)")
ARRAY_KEPT = Landmark(
    "array kept for the collector, unmapped later", "environment.collector.gc_copy_spans", "sys_free_array(h.work.spans)"
)
