"""The heap's constants and the bounds of a scenario, in one place.

The defaults describe a heap for exploration: one byte a page, so that addresses are page numbers, and words of
eight bits. `spec.scale.REAL` gives the values of linux/amd64.
"""

from __future__ import annotations

from collections.abc import Iterator

from spec.language import Parameters, parameter


class Sys(Parameters):
    """Parameters of the page heap."""

    page_shift = parameter(0, hi=13, doc="log2 of the heap page size in bytes (13 in Go)")
    phys_page_size = parameter(1, size="physical", lo=1, hi=1 << 30, doc="physical page size in bytes, a power of two")
    arena_start = parameter(16, lo=1, hi=2**48, doc="first address of the arena, in bytes")
    arena_pages = parameter(8, size="pages", lo=1, hi=1 << 26, doc="reserved arena, in pages")
    max_mheap_list = parameter(
        4, size="lists", lo=2, hi=128, doc="lists hold spans of exactly i pages for i below this (128 in Go)"
    )
    heap_alloc_chunk = parameter(4, size="lists", lo=1, hi=1 << 30, doc="least growth, in bytes (1 MB in Go)")
    grow_pages = parameter(1, lo=1, hi=64, doc="growth quantum, in pages (8 in Go)")
    spans = parameter(10, size="pages", lo=1, hi=1 << 20, doc="span structs that fixalloc can hand out")
    allspans_chunk = parameter(4, lo=2, hi=8192, doc="least capacity of the allspans array, in entries (8192 in Go)")
    ptr_size = parameter(1, lo=1, hi=8, doc="bytes in a pointer: one entry of the span table")
    mspan_size = parameter(1, lo=1, hi=1024, doc="bytes in one span struct")
    bitmap_scale = parameter(1, lo=1, hi=64, doc="heap bytes described by one byte of bitmap (32 in Go)")
    bitmap_chunk = parameter(1, lo=1, hi=8192, doc="bitmap bytes mapped at a time (8192 in Go)")
    word_bits = parameter(8, lo=8, hi=64, doc="width of a machine word")
    gen_bits = parameter(8, lo=4, hi=32, doc="width of a sweep generation")
    sweepgen_start = parameter(2, hi=254, doc="sweep generation in state 0, even (logs begin at 0)")
    sweepdone_start = parameter(1, hi=1, doc="1: the sweep before state 0 has ended (logs begin with 0)")
    sweep_order = parameter(0, doc="order in which sweepone visits the spans (index in Go)", names=("any", "index"))
    gc_cycles = parameter(
        0, size="cycles", hi=4, doc="concurrent collections; with any, objects are dropped and only a sweep frees them"
    )
    forced_cycles = parameter(
        0, size="cycles", hi=4, doc="collections by FreeOSMemory, with the world stopped and a scavenge of everything"
    )
    mutators = parameter(1, size="threads", hi=4, doc="threads that allocate and free")
    held = parameter(2, size="requests", lo=1, hi=8, doc="spans that one mutator may hold")
    large_pages = parameter(2, size="requests", hi=64, doc="largest request for a large object, in pages; 0 = none")
    small_pages = parameter(0, size="requests", hi=64, doc="largest span of small objects requested, in pages; 0 = none")
    stack_pages = parameter(
        0, size="requests", hi=1 << 20, doc="largest stack with a span of its own, in pages, a power of two; 0 = none"
    )
    pool_stacks = parameter(0, size="requests", hi=16, doc="stacks in one span of the stack pool (4 to 16 in Go); 0 = no pool")
    pool_pages = parameter(1, size="requests", lo=1, hi=4, doc="pages in one span of the stack pool (4 in Go)")
    pins = parameter(0, size="requests", hi=1, doc="1: a mutator may also have a span that it holds swept (ensureSwept)")
    readers = parameter(0, size="threads", hi=2, doc="threads that look addresses up without the lock")
    max_time = parameter(1, size="requests", lo=1, hi=2**63, doc="the clock starts at 1 and stops here")
    scavenge_limit = parameter(0, hi=2**63, doc="the scavenger releases spans unused for longer than this")
    free_os_memory = parameter(0, size="requests", hi=1, doc="1: the scavenger may also run as FreeOSMemory has it run")

    @property
    def page_size(self) -> int:
        """Bytes in a heap page."""
        return 1 << self.page_shift

    @property
    def word_max(self) -> int:
        """The largest machine word: all ones."""
        return (1 << self.word_bits) - 1

    @property
    def table_size(self) -> int:
        """Entries of the span table: one a page, rounded up to physical pages of table memory."""
        per = max(self.phys_page_size // self.ptr_size, 1)
        return -(-self.arena_pages // per) * per

    @property
    def allspans_max(self) -> int:
        """The largest capacity that the allspans array can take."""
        return max(self.allspans_chunk, self.spans * 3 // 2)

    @property
    def span_arrays(self) -> int:
        """How often the array of all spans can be allocated before ``spans`` structs are recorded."""
        n, capacity = 1, self.allspans_chunk
        while capacity < self.spans:
            n, capacity = n + 1, max(self.allspans_chunk, capacity * 3 // 2)
        return n

    @property
    def unordered_sweep(self) -> int:
        """1 if sweepone takes any span next, so that the number of a struct means nothing."""
        return 1 if self.sweep_order == 0 else 0

    @property
    def stack_orders(self) -> int:
        """Powers of two up to the largest stack with a span of its own: 1, 2, 4, ... pages."""
        return self.stack_pages.bit_length()

    @property
    def first_order(self) -> int:
        """The least order of a stack with a span of its own: a pool has the stacks up to the length of its spans."""
        return min(self.pool_pages.bit_length(), self.stack_orders) if self.pool_stacks else 0

    @property
    def collects(self) -> int:
        """1 if objects are freed by a sweep alone."""
        return min(self.gc_cycles + self.forced_cycles, 1)

    @property
    def requests(self) -> int:
        """Requests that a mutator can make: give up what a slot holds, allocate of these kinds and sizes, or pin a slot."""
        stacks = self.stack_orders - self.first_order + min(self.pool_stacks, 1)
        return 1 + self.large_pages + self.small_pages + stacks + self.pins

    def assumptions(self) -> Iterator[str]:
        """Relations that the code takes for granted."""
        for name in ("phys_page_size", "ptr_size", "grow_pages", "bitmap_chunk"):
            value = getattr(self, name)
            if value & (value - 1):
                yield f"{name}={value} is not a power of two; allowed: 1, 2, 4, 8, ..."
        end = self.arena_start + (self.arena_pages << self.page_shift)
        if end > self.word_max:
            yield (
                f"the arena ends at {end}, beyond a machine word of {self.word_bits} bits; "
                f"allowed: arena_start + arena_pages * page size <= {self.word_max}"
            )
        if self.arena_start % max(self.phys_page_size, self.page_size):
            yield f"arena_start={self.arena_start} is not aligned to pages of {max(self.phys_page_size, self.page_size)} bytes"
        if self.heap_alloc_chunk < self.max_mheap_list << self.page_shift:
            yield (
                f"heap_alloc_chunk={self.heap_alloc_chunk} is below max_mheap_list={self.max_mheap_list} pages; "
                "a normal growth must land in freelarge (128 >= 128 in Go)"
            )
        if self.heap_alloc_chunk % (self.grow_pages << self.page_shift):
            yield f"heap_alloc_chunk={self.heap_alloc_chunk} is no multiple of the quantum of {self.grow_pages} pages"
        if self.stack_pages & (self.stack_pages - 1):
            yield f"stack_pages={self.stack_pages} is not a power of two; allowed: 0, 1, 2, 4, ..."
        if self.collects and self.small_pages:
            yield "small_pages and a collector: central lists, which sweep small objects, are not modelled; set small_pages=0"
        if self.sweepgen_start % 2:
            yield f"sweepgen_start={self.sweepgen_start} is odd; generations advance by two"
        if self.max_time > self.word_max - 1:
            yield f"max_time={self.max_time} does not fit a word of {self.word_bits} bits (all ones means FreeOSMemory)"


sys = Sys()
