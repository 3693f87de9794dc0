"""The memory that compiled code runs in: one part for all workers, and one for each."""

from __future__ import annotations

import ctypes
from array import array as array_of
from collections.abc import Sequence

from checker.lowering.lowered import Lowered
from checker.native.canonical import CanonicalTables
from checker.native.compiled import Compiled
from checker.native.context import Run
from checker.native.exits import THROW
from checker.native.kernels.structs import FP64, LOOK, SEGMENTS, VIOLATIONS, Cell, Chunk, Search, Violation, Worker
from checker.native.kernels.successors import COLLECTED
from checker.native.words import Blocks, Words, array
from checker.search.memory import Arena

CAPACITY = 1 << 18
"""Successors that one worker's buffers hold in a block."""

_ALONE, _TOGETHER = (16, 4), (16, 64)
"""Parents in a chunk, and chunks in a block: of one worker alone, or of several that wait for each other.

A block of either divides `LOOK`."""

_STRIDE = 64


class Engine:
    """Workers, their buffers and the shared part.

    Parameters
    ----------
    lowered : Lowered
    compiled : Compiled
    jobs : int
    mode : int
        `FP64`, `FP128` or `EXACT`.
    canon : CanonicalTables, optional
        None: every state is its own canonical form.
    checked : bool
        Check every state that is met.
    """

    def __init__(
        self,
        lowered: Lowered,
        compiled: Compiled,
        *,
        jobs: int = 1,
        mode: int = FP64,
        canon: CanonicalTables | None = None,
        checked: bool = False,
    ) -> None:
        if not 1 <= jobs <= SEGMENTS:
            raise ValueError(f"{jobs} jobs; 1..{SEGMENTS} are possible")
        self.lowered, self.compiled, self.jobs = lowered, compiled, jobs
        self.size = -(-lowered.size // 8) * 8
        packed, run = compiled.packing.bytes, compiled.run
        stride = -(-(self.size + max(self.size, packed)) // _STRIDE) * _STRIDE
        chunk, chunks = _ALONE if jobs == 1 else _TOGETHER
        self._canon = canon  # native code reads it
        canon_scratch = canon.scratch if canon else 8
        each = 2 * run.size + 4 * self.size + canon_scratch + 4096
        cells = _cells(lowered)
        self.blocks = Blocks(jobs * (each + 4096) + chunks * Chunk.sizeof() + len(compiled.exits) + len(cells) + (1 << 16))
        self._buffers: list[Arena] = []
        self.search = Words(Search, self.blocks.take(Search.sizeof()))
        worker_size = -(-Worker.sizeof() // 128) * 128
        workers = self.blocks.take(jobs * worker_size)
        self.search.update(
            jobs=jobs,
            mode=mode,
            size=self.size,
            words=self.size // 8,
            heap=lowered.layout.heap_bytes,
            packed=packed,
            reduces=int(canon is not None),
            canon=canon.address if canon else 0,
            steps_checked=int(any(p.kind == "step" for p in lowered.properties)),
            checked=int(checked),
            cells=self.blocks.put(cells),
            cell_count=len(cells) // Cell.sizeof(),
            throws=self.blocks.put(bytes([0, *(int(e.kind == THROW) for e in compiled.exits)])),
            chunk=chunk,
            chunks=chunks,
            look=LOOK,
            directory=self.blocks.take(chunks * Chunk.sizeof()),
            workers=workers,
            worker_size=worker_size,
        )
        self.workers = [self._worker(workers + i * worker_size, i, stride, canon_scratch) for i in range(jobs)]

    def _worker(self, address: int, index: int, stride: int, canon_scratch: int) -> Words:
        run = self.compiled.run
        w = Words(Worker, address)
        thread, observer = (Words(Run, self.blocks.take(run.size)) for _ in range(2))
        thread.update(worker=address, observer=observer.address)
        w.update(
            search=self.search.address,
            index=index,
            run=thread.address,
            observer=observer.address,
            state=self.blocks.take(self.size),
            scratch=self.blocks.take(canon_scratch),
            spare=self.blocks.take(2 * self.size + 8),
            fingerprints=self._buffer(8 * CAPACITY),
            seconds=self._buffer(8 * CAPACITY),
            origins=self._buffer(8 * CAPACITY),
            slots=self._buffer(8 * CAPACITY),
            successors=self._buffer(stride * CAPACITY),
            stride=stride,
            capacity=CAPACITY,
            violations=self._buffer(max(VIOLATIONS * Violation.sizeof(), COLLECTED * CAPACITY)),
        )
        return w

    def _buffer(self, size: int) -> int:
        arena = Arena(size)
        self._buffers.append(arena)
        return arena.address

    def set_counters(self, totals: Sequence[Sequence[int]]) -> None:
        """Have the first worker go on counting from here."""
        for (memory, at, count), counts in zip(self._counted(), totals, strict=True):
            (ctypes.c_uint64 * count).from_address(self.workers[0][memory] + at)[:] = list(counts)

    def counters(self) -> list[Sequence[int]]:
        """Blocks, points, antecedents and explained failures, counted by all workers together."""
        return [
            [sum(column) for column in zip(*(array(w[memory] + at, count) for w in self.workers), strict=True)]
            for memory, at, count in self._counted()
        ]

    def _counted(self) -> list[tuple[str, int, int]]:
        """Where each kind of counter lies in a worker's memory, and how many there are."""
        run, lowered = self.compiled.run, self.lowered
        return [
            ("run", run.blocks, len(lowered.program.blocks)),
            ("run", run.points, len(lowered.points)),
            ("observer", run.antecedents, len(lowered.properties)),
            ("observer", run.explained, len(lowered.findings)),
        ]

    def close(self) -> None:
        """Give all memory back."""
        self.blocks.close()
        for arena in self._buffers:
            arena.close()


def _cells(lowered: Lowered) -> bytes:
    """Where each cell of the heap lies, its width in bytes, and the greatest number that it stores."""
    words = array_of("Q")
    for c in lowered.layout.cells.values():
        for i in range(c.length * c.count):
            words.extend((c.base + i * c.width, c.width, c.scalar.hi - c.bias))
    return words.tobytes()
