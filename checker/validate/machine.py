"""The spec's heap as a log shows it: pages relative to the arena, times relative to the log's first event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checker.errors import UnreadableInput
from checker.load import Spec
from checker.validate.log import Event, Log
from spec.language import ParameterError
from spec.language.plain import World
from spec.language.runtime import Runtime, active
from spec.language.schema import Schema

STATES = ("inuse", "stack", "free", "dead")
PHASES = ("off", "mark", "markterm")
LARGE_LIST = 128
_MOST_PAGES = 1 << 21  # 16 GB of heap: what the table of the plain heap can hold in reasonable memory
_MOST_SPANS = 1 << 20


class Machine:
    """A heap of the spec, empty and ready for one log.

    Parameters
    ----------
    spec : Spec
        Its parameters are set to those of the log's header.
    log : Log

    Attributes
    ----------
    heap
        The root record.

    Raises
    ------
    UnreadableInput
        The header's parameters are none that the spec allows.
    """

    def __init__(self, spec: Spec, log: Log) -> None:
        header = log.header
        try:
            start = int(header["arena_start"], 16)
            spec.parameters.reset(_parameters(log, start, spec.modules["scale"].REAL))
        except (ParameterError, ValueError) as e:
            raise UnreadableInput(f"{log.path}:1: the spec cannot take the header's parameters: {e}") from e
        self.spec = spec
        self.path = log.path
        self.t0: int = header["t0_ns"]
        self.start = start
        self.shift: int = header["page_size"].bit_length() - 1
        self.world = World(Schema(spec.modules["heap"].Heap, spec.parameters, 1), checked=False)
        self.heap: Any = self.world.root
        self.word_max: int = (1 << spec.parameters.resolve("word_bits")) - 1
        with active(Runtime(spec.parameters)):
            spec.modules["environment.start"].initial(self.heap)
        h = self.heap
        self.list_index = {h.free[i].number: i for i in range(LARGE_LIST)}
        self.list_index[h.freelarge.number] = LARGE_LIST

    def page(self, address: int) -> int:
        """The number of a page from its address."""
        return (address - self.start) >> self.shift

    def relative(self, raw: int) -> int | str:
        """A time as the log writes it."""
        if raw == 0:
            return 0
        return "max" if raw == self.word_max else raw - self.t0

    def raw(self, relative: int | str) -> int:
        """A time as the heap holds it."""
        if relative == 0:
            return 0
        if isinstance(relative, str):
            return self.word_max
        return (relative + self.t0) & self.word_max

    def signed(self, word: int) -> int:
        """The machine word as a signed number."""
        return word - self.word_max - 1 if word > self.word_max >> 1 else word

    def counters(self) -> Event:
        """The counters as an event's ``st`` shows them."""
        h = self.heap
        stats = h.memstats
        return {
            "pages_in_use": h.pages_in_use,
            "heap_inuse": stats.heap_inuse,
            "heap_idle": stats.heap_idle,
            "heap_released": stats.heap_released,
            "heap_sys": stats.heap_sys,
            "spans_mapped": h.spans_mapped,
            "arena_used": (h.arena_used - self.start) >> self.shift,
            "stacks_inuse": stats.stacks_inuse,
            "mspan_inuse": h.spanalloc.inuse,
            "nspan": h.nspan,
        }

    def span(self, sid: int) -> Any:
        """The struct at an index of allspans, or None."""
        return self.heap.mspans[sid] if 0 <= sid < self.heap.nspan else None

    def in_use(self, s: Any) -> bool:
        """Whether the span holds objects."""
        return STATES[s.state] == "inuse"

    def check_capacity(self) -> None:
        """Tell a heap that is too small for the log from one that the spec says is out of memory."""
        if self.heap.os.refused:
            pages = self.spec.parameters.resolve("arena_pages")
            raise UnreadableInput(
                f"{self.path}:1: the log needs more than the {pages} pages that validation gives its heap; "
                f"logs of heaps up to {_MOST_PAGES} pages can be validated"
            )


def _parameters(log: Log, start: int, real: Mapping[str, int]) -> dict[str, int]:
    """The log's parameters, and room for every growth and every struct that it asks for."""
    header = log.header
    chunk = header["heap_alloc_chunk"] // header["page_size"]
    pages, spans = 8 * chunk, 64
    for e in log.events:
        ev = e["ev"]
        if ev == "grow":
            pages += max(e["ask"] // header["page_size"], chunk) if e["ask"] < 1 << 40 else chunk
            spans += 1
        elif ev == "alloc":
            spans += 1
        elif ev in ("alloc_m_begin", "alloc_stack_begin") and e["req"] >= chunk:
            pages = max(pages, 2 * e["req"])
    return {
        **real,
        "page_shift": header["page_size"].bit_length() - 1,
        "phys_page_size": header["phys_page_size"],
        "arena_start": start,
        "arena_pages": min(pages, _MOST_PAGES),
        "max_mheap_list": header["max_mheap_list"],
        "heap_alloc_chunk": header["heap_alloc_chunk"],
        "spans": min(spans, _MOST_SPANS),
        "ptr_size": header["ptr_size"],
        "mspan_size": header["mspan_size"],
    }
