"""Checkpoints of the native search: everything that it needs to go on as if it had never been stopped.

A search is saved between two blocks of a level. Where the blocks lie has no influence on what is found, so the result is
that of an undisturbed run.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from checker.errors import UnreadableInput, UsageError
from checker.lowering.machine import Machine
from checker.native.kernels.structs import EXPAND
from checker.native.kernels.structs import Violation as Noted
from checker.native.words import Words
from checker.search.checkpoint import Checkpoints
from checker.search.checkpoint_file import Saved
from checker.search.plausible import COUNTS, Implausible, expect_plausible

if TYPE_CHECKING:
    from checker.search.native import NativeSearch

_FORMAT = 1
EVERY = 60.0
"""Seconds between two checkpoints."""


class Saving:
    """The checkpoints of one search.

    Parameters
    ----------
    folder : Path
    identity : mapping
        As `identity_of`.
    resume : bool
        Begin with the last checkpoint; a folder without one begins at state 0. Without it the folder must hold none.
    every : float
        Seconds between two checkpoints; 0 saves at every level.

    Raises
    ------
    UsageError
        The folder cannot be used, holds checkpoints that would be lost, or one of another identity.
    UnreadableInput
        All its checkpoints are damaged.
    """

    def __init__(self, folder: Path, identity: Mapping[str, Any], *, resume: bool, every: float = EVERY) -> None:
        self._checkpoints = Checkpoints(folder, identity)
        self._every = every
        self._last = time.monotonic()
        self._saved: Saved | None = None
        try:
            if resume:
                self._saved = self._checkpoints.load()
            else:
                self._checkpoints.expect_empty()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Saving:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let other runs use the folder."""
        if self._saved is not None:
            self._saved.close()
        self._checkpoints.close()

    def due(self) -> bool:
        """Whether it is time for the next checkpoint."""
        return time.monotonic() - self._last >= self._every

    def save(self, search: NativeSearch) -> None:
        """Write a checkpoint of a search that stands between two blocks."""
        out, c = search.outcome, search.engine.search
        meta: dict[str, Any] = {
            **{name: c[name] for name in COUNTS},
            "depth": out.depth,
            "levels": out.levels,
            "seen": [list(s) for s in search.seen],
            "noted": [list(item) for item in search.noted().items()],
            "counters": [list(counts) for counts in search.engine.counters()],
            "bits": search.store.bits,
        }
        self._checkpoints.save(meta, search.store.sections())
        self._last = time.monotonic()

    def restore(self, search: NativeSearch) -> bool:
        """Put a search where the last checkpoint left it; False if there is none, or none is wanted."""
        saved = self._saved
        if saved is None:
            return False
        with saved:
            for warning in saved.warnings:
                sys.stderr.write(f"checker: {warning}\n")
            meta: Mapping[str, Any] = saved.meta
            try:
                expect_plausible(meta, search)
            except Implausible as e:
                raise UnreadableInput(
                    f"{saved.path} cannot be resumed: {e}; start again in another folder (--checkpoint)"
                ) from e
            _expect_within(saved.path, meta, search)
            out, c = search.outcome, search.engine.search
            search.store.restore(saved, meta["bits"], meta["levels"], {name: meta[name] for name in COUNTS})
            c.update(**{name: meta[name] for name in COUNTS}, phase=EXPAND)
            out.depth, out.levels = meta["depth"], list(meta["levels"])
            out.states, out.transitions = meta["states"], meta["transitions"]
            search.seen += [(level, parent, code) for level, parent, code in meta["seen"]]
            search.engine.set_counters(meta["counters"])
            first = search.engine.workers[0]
            for i, (code, order) in enumerate(meta["noted"]):
                Words(Noted, first["violations"] + i * Noted.sizeof()).update(code=code, order=order)
            first["violation_count"] = len(meta["noted"])
            search.compiled.function("begin_block")(c.address)
        return True


def _expect_within(path: Path, meta: Mapping[str, Any], search: NativeSearch) -> None:
    """Refuse what lies beyond the end of the search that is wanted now: its result would hold more than was asked for."""
    wanted, depth = search.limits.depth, meta["depth"]
    if wanted is not None and (depth > wanted or (depth == wanted and meta["level_at"])):
        raise UsageError(
            f"{path} is a checkpoint at depth {depth}, where states beyond --depth {wanted} are known already; "
            "ask for a greater depth, or start again in another folder (--checkpoint)"
        )
    if meta["seen"] and not search.go_on:
        raise UsageError(
            f"{path} is a checkpoint of a search that went on after a violation; "
            "go on with --continue, or start again in another folder (--checkpoint)"
        )


def identity_of(machine: Machine, *, storage: str, strict: bool) -> dict[str, Any]:
    """All that decides what a state is and what is found in which order."""
    from checker.native.compiled import sources_digest

    return {
        "format": _FORMAT,
        "tool": sources_digest(),
        "spec": machine.spec.digest,
        "scenario": machine.scenario.name,
        "without": list(machine.without),
        "parameters": machine.parameters,
        "atomicity": machine.atomicity,
        "properties": [f"{p.id} {p.name}" for p in machine.properties],
        "reductions": list(machine.canonical.reductions),
        "storage": storage,
        "strict": strict,
    }
