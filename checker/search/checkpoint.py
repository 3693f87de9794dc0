"""Checkpoints of a search in a folder of their own: the last two, each complete or not there at all.

A checkpoint is written under a temporary name, synced, renamed and the folder synced; only then is the one before the last
removed. So whenever the process dies, the folder holds the newest complete state or the one before it. When the newest is found
damaged, the one before it is used and a warning says so.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType

from checker.errors import CheckerError, UnreadableInput, UsageError
from checker.search.checkpoint_file import JSON, Bytes, Damaged, Saved, write
from checker.search.durable import claim, sync_folder

_KEPT = 2
_NAME = re.compile(r"checkpoint-([0-9]{8}|[1-9][0-9]{8,})\.bin(\.partial)?")
_SHOWN = 200
_ABSENT = "absent"


class CheckpointNotSaved(CheckerError):
    """The disk did not take a checkpoint: a bound of the run; the checkpoints before it are whole."""

    exit_code = 20


class Checkpoints:
    """The checkpoints of one run in one folder, which is locked until `close`.

    Parameters
    ----------
    folder : Path
        Created for its owner alone if it does not exist. What a dead run left half-written is removed.
    identity : mapping
        All that decides what a state means and which states there are: versions, spec, scenario, parameters. A checkpoint of
        another identity is refused; nested mappings are compared key by key.

    Raises
    ------
    UsageError
        The folder cannot be used, or another run has it.
    """

    def __init__(self, folder: Path, identity: Mapping[str, JSON]) -> None:
        self.folder = folder
        self._identity = identity
        self._damaged: set[Path] = set()
        self._lock = claim(folder)
        try:
            for left in self._files(partial=True).values():
                left.unlink()
        except OSError as error:
            self.close()
            raise UsageError(
                f"{folder} holds a half-written checkpoint that cannot be removed: {error}; "
                "remove it, or name another folder (--checkpoint)"
            ) from error

    def __enter__(self) -> Checkpoints:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def expect_empty(self) -> None:
        """Refuse a folder that holds checkpoints: a run that does not resume would replace them.

        Raises
        ------
        UsageError
            There are some.
        """
        if self._files():
            raise UsageError(
                f"{self.folder} already holds checkpoints, which this run would replace; "
                "go on from them (--resume), remove them, or name another folder (--checkpoint)"
            )

    def save(self, meta: Mapping[str, JSON], sections: Mapping[str, Iterable[Bytes]]) -> None:
        """Write a checkpoint, and remove the one before the last once the new one is durable.

        Parameters
        ----------
        meta : mapping
            Small facts, kept as JSON.
        sections : mapping
            Large contents by name, each as pieces that are written one after the other without a copy.

        Raises
        ------
        CheckpointNotSaved
            The disk is full or fails, or the folder was made read-only. What was saved before is still there.
        """
        try:
            target = self.folder / f"checkpoint-{max(self._files(), default=0) + 1:08d}.bin"
            self._write(target, meta, sections)
        except OSError as error:
            raise CheckpointNotSaved(
                f"no checkpoint can be written to {self.folder}: {error.strerror or error}; those saved before are untouched; "
                "make room or give access again, then go on from them (--resume)"
            ) from error
        try:
            self._prune()
        except OSError as error:
            raise CheckpointNotSaved(
                f"{target} is written, but an older checkpoint cannot be removed: {error}; "
                "give access again, then go on from the new one (--resume)"
            ) from error

    def load(self) -> Saved | None:
        """Open the newest whole checkpoint; None if the folder holds none. The caller shows its `warnings` and closes it.

        Raises
        ------
        UsageError
            It is of another identity or version; the message names each key that differs.
        UnreadableInput
            There are checkpoints and all are damaged.
        """
        seen: list[str] = []
        for _, path in sorted(self._files().items(), reverse=True):
            try:
                saved = Saved(path)
            except Damaged as damage:
                seen.append(f"{path} is damaged: {damage}")
                self._damaged.add(path)
                continue
            differences = list(_differences(saved.identity, self._identity))
            if differences:
                saved.close()
                raise UsageError(
                    f"{path} is a checkpoint of another run: {'; '.join(differences)}. "
                    "Resume with the same spec, options and version of the tool, or start again in another folder"
                )
            saved.warnings = tuple(f"{sentence}; the checkpoint before it is used" for sentence in seen)
            return saved
        if seen:
            raise UnreadableInput(
                f"no checkpoint can be used: {'; '.join(seen)}. Start again without --resume in another folder"
            )
        return None

    def close(self) -> None:
        """Let other runs use the folder."""
        self._lock.close()

    def _files(self, *, partial: bool = False) -> dict[int, Path]:
        """The checkpoints by number, or those left half-written."""
        matches = [match for name in os.listdir(self.folder) if (match := _NAME.fullmatch(name))]
        return {int(match[1]): self.folder / match[0] for match in matches if bool(match[2]) == partial}

    def _write(self, target: Path, meta: Mapping[str, JSON], sections: Mapping[str, Iterable[Bytes]]) -> None:
        """Write one file so that it is there durably and complete, or not at all."""
        partial = target.with_name(f"{target.name}.partial")
        try:
            write(partial, self._identity, meta, sections)
            partial.rename(target)
        except BaseException:
            with contextlib.suppress(OSError):
                partial.unlink()
            raise
        sync_folder(self.folder)

    def _prune(self) -> None:
        """Remove all but the last two; one found damaged does not count as one of them."""
        whole = [path for _, path in sorted(self._files().items()) if path not in self._damaged]
        for path in [*whole[:-_KEPT], *self._damaged]:
            path.unlink(missing_ok=True)
        self._damaged.clear()


def _differences(stored: Mapping[str, JSON], present: Mapping[str, JSON], prefix: str = "") -> Iterator[str]:
    """Each key that differs, with both values; nested keys with dots."""
    for key in sorted({*stored, *present}):
        there, here = stored.get(key, _ABSENT), present.get(key, _ABSENT)
        if isinstance(there, Mapping) and isinstance(here, Mapping):
            yield from _differences(there, here, f"{prefix}{key}.")
        elif (key in stored) != (key in present) or _text(there) != _text(here):
            yield f"{prefix}{key} is {_shown(there)} there and {_shown(here)} here"


def _text(value: JSON) -> str:
    """A value as it is stored: a tuple is a list, and true is not 1."""
    return json.dumps(value, sort_keys=True, allow_nan=False)


def _shown(value: JSON) -> str:
    """A value for a message."""
    text = value if value is _ABSENT else _text(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
