"""What no scenario reaches on the unmodified heap, and why. A test compares this list with what the searches reach."""

from __future__ import annotations

from spec.language import Unreached

INVALID_FREE = Unreached(
    "free.free_span_locked", "invalid span state", "a throw of the heap (P6): nobody frees a span that is free or dead"
)
LAYOUT = Unreached("span.layout", "total = s.npages", "asked by central lists and by lookups of objects, which come with them")

UNUSED = "the observer's note of a breach; a known bug writes it, the unmodified heap never does"
BREACH = Unreached("environment.observer.note", "if h.record.bad_sweep", UNUSED)
TWO_SWEEPERS = Unreached("environment.observer.sweep_begins", "TWO_SWEEPERS", UNUSED)
NOT_DUE = Unreached("environment.observer.sweep_begins", "NOT_DUE", UNUSED)
NOT_ITS_OWN = Unreached("environment.observer.writes_bits", "NOT_ITS_OWN", UNUSED)
BAD_RANGE = Unreached("environment.os.note_bad", "if h.os.bad_range", UNUSED)
EMPTY_RANGE = Unreached("environment.os.sys_unused", "EMPTY", UNUSED)
MISALIGNED = Unreached("environment.os.sys_unused", "MISALIGNED", UNUSED)
NOT_ONE_FREE_SPAN = Unreached("environment.os.sys_unused", "NOT_ONE_FREE_SPAN", UNUSED)
LIVE_PAGE = Unreached("environment.os.sys_unused", "LIVE_PAGE", UNUSED)

HELD = "a client's address always has a span in the table; the test is there for the types"
STACK_HAS_SPAN = Unreached("environment.stacks.stackfree", "return", HELD)
HELD_HAS_SPAN = Unreached("environment.mutator.give_up", "return", HELD)

NO_SPAN = "the marker's roots hold addresses of spans; Go's marker also meets words that are none"
OUTSIDE = Unreached("environment.marker.heap_bits_for_object", "# outside the arena", NO_SPAN)
UNMAPPED = Unreached("environment.marker.heap_bits_for_object", "# no span was ever there", NO_SPAN)

OBJECTS = "the objects in a span come with central lists and the sweep of small objects; until then proofs/ speaks of them"
LOOKUP_OF_OBJECTS = Unreached("table.mlookup", "s = lookup_maybe(h, v)", OBJECTS)
SET_ELEMSIZE = Unreached("division.set_elemsize", "if sizeclass == 0:", OBJECTS)
OBJ_INDEX = Unreached("division.obj_index", "byte_offset = u64(", OBJECTS)
OBJECT_BASE = Unreached("division.object_base", "base = s.start_addr", OBJECTS)
CTZ = Unreached("alloc_bits.ctz64", "if x == 0:", OBJECTS)
IS_FREE = Unreached("alloc_bits.is_free", "return s.alloc_bits", OBJECTS)
REFILL = Unreached("alloc_bits.refill_alloc_cache", "a_cache = s.alloc_bits[which_byte]", OBJECTS)
NEXT_FREE_INDEX = Unreached("alloc_bits.next_free_index", "sfreeindex = s.freeindex", OBJECTS)
NEXT_FREE_FAST = Unreached("alloc_bits.next_free_fast", "the_bit = ctz64(", OBJECTS)
NEW_MARK_BITS = Unreached("mark_bits.new_mark_bits", "acquire(m.lock)", OBJECTS)
NEW_ALLOC_BITS = Unreached("mark_bits.new_alloc_bits", "return new_mark_bits", OBJECTS)
NEW_ARENA = Unreached("mark_bits.new_arena", "result = m.free", OBJECTS)
ADD_SPECIAL = Unreached("specials.addspecial", "offset = u64(", OBJECTS)
REMOVE_SPECIAL = Unreached("specials.removespecial", "offset = u64(", OBJECTS)

TABLES = "building constants, before any thread runs"
CLASSES = Unreached("size_classes.derive", "sizes, pages = ", TABLES)
MAGIC = Unreached("size_classes.compute_div_magic", "base_mask = ", TABLES)
