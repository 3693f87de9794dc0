"""Reading a stored trace back; whatever is not one is refused with file, line, place and reason."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from checker.errors import UnreadableInput
from checker.trace.facts import check, check_step, head_names, step_names
from checker.trace.nested import Layout
from checker.trace.scan import Text
from checker.trace.shape import Misshapen, items, look, members, short, text, within
from checker.trace.trace import FORMAT, Change, Trace, TraceStep, Value
from checker.trace.typed import decode, decode_fields

MAX_BYTES = 1 << 25
"""Size of a file; a walk of 1,000 steps has 4 to 7 MB. The worst file of this size takes 720 MiB of memory."""

_CHANGE = tuple[str, Value, Value]


def read(path: Path) -> Trace:
    """Read a trace that `checker.trace.itf` wrote.

    It may be of any spec: compare `Trace.spec`.

    Raises
    ------
    UnreadableInput
        The file cannot be opened or is no trace: ``path:line: place: reason``.
    """
    return _Reader(Text(path, _content(path))).trace()


def _content(path: Path) -> str:
    """The text of a regular file of at most `MAX_BYTES`."""
    try:
        # Opening a pipe would otherwise wait for somebody who writes into it.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        try:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                raise UnreadableInput(f"{path}: not a regular file; a trace in a file was expected")
            data = b""
            if status.st_size <= MAX_BYTES:
                with open(handle, "rb", closefd=False) as file:
                    data = file.read(MAX_BYTES + 1)
        finally:
            os.close(handle)
    except (OSError, ValueError) as e:
        raise UnreadableInput(f"{path}: cannot be read: {getattr(e, 'strerror', None) or e}") from None
    if max(status.st_size, len(data)) > MAX_BYTES:
        raise UnreadableInput(f"{path}: larger than {MAX_BYTES >> 20} MiB, which no trace is; it was not read")
    try:
        return data.decode()
    except UnicodeDecodeError as e:
        line, byte = data.count(b"\n", 0, e.start) + 1, e.start
    raise UnreadableInput(f"{path}:{line}: not UTF-8 at byte {byte}; a trace is a text")


class _Reader:
    """Reads one trace; each state is compared with the one before it and forgotten."""

    def __init__(self, file: Text) -> None:
        self._file = file
        self._places: dict[str, int] = {}
        self._head: dict[str, Any] = {}
        self._layout = Layout(())
        self._threads: frozenset[str] = frozenset()
        self._numbers: dict[str, int] = {}
        self._initial: list[Value] = []
        self._now: list[Value] = []
        self._steps: list[TraceStep] = []
        self._states = 0
        self._loop: int | None = None

    def trace(self) -> Trace:
        """The trace, checked."""
        file = self._file
        readers = {"#meta": self._read_head, "vars": self._read_variables, "loop": self._read_loop}
        for key in file.members():
            self._places[key] = file.at
            if key not in (*readers, "states"):
                file.refuse(f"there is no key {short(key)} in this format")
            if "#meta" not in self._places:
                file.refuse(f"{short(key)} comes first; '#meta', with the facts of the trace, was expected before it")
            if key == "states":
                for index in file.elements():
                    self._next(f"states[{index}]", self._read_state)
                if not self._states:
                    file.refuse("states: state 0 was expected, but the list is empty")
            else:
                self._next(key, readers[key])
        file.end()
        for key in ("#meta", "vars", "states"):
            if key not in self._places:
                file.refuse(f"the key {short(key)} is missing; a trace has it")
        return self._finished()

    def _next(self, place: str, read: Callable[[object], None]) -> None:
        """Read the next value of the file."""
        begins = self._file.at
        try:
            read(self._file.value())
        except Misshapen as e:
            self._refuse(place, e, begins)

    def _refuse(self, place: str, e: Misshapen, at: int) -> NoReturn:
        self._file.refuse(f"{e.within(place).place}: {e.reason}", at)

    def _read_head(self, value: object) -> None:
        look(value)
        seen = value.get("format") if isinstance(value, dict) else None
        look(seen)
        if seen != FORMAT:
            raise Misshapen(
                f"the format is {short(seen)}, {short(FORMAT)} was expected: this is no trace of this tool, or one of another "
                "version of it; search again, or read it with the version that wrote it"
            )
        facts = members(value, ("format", "description", *head_names(), "cells"))
        with within("description"):
            text(facts["description"])
        self._head = decode_fields(Trace, facts, head_names())
        with within("cells"):
            cells = decode(tuple[str, ...], facts["cells"])
            try:
                self._layout = Layout(cells)
            except ValueError as e:
                raise Misshapen(str(e)) from None
        self._threads = frozenset(self._head["scope"].threads)
        self._numbers = {cell: i for i, cell in enumerate(self._layout.cells)}

    def _read_variables(self, value: object) -> None:
        if decode(tuple[str, ...], value) != self._layout.variables:
            raise Misshapen("these are not the first names of the cells in #meta.cells, in their order")

    def _read_loop(self, value: object) -> None:
        self._loop = decode(int, value)

    def _read_state(self, value: object) -> None:
        """Read a state, which must be that before it with the changes of its step."""
        index, layout = self._states, self._layout
        facts = dict(members(value, ("#meta", *layout.variables)))
        with within("#meta"):
            meta = members(facts.pop("#meta"), (*step_names(), "changed") if index else ("index",))
            if (seen := decode_fields(TraceStep, meta, ("index",))["index"]) != index:
                raise Misshapen(f"{short(seen)} was found, {index} was expected: states are numbered without gaps").within(
                    "index"
                )
            if index:
                self._steps.append(self._step(meta))
        values = layout.flatten(facts)
        if not index:
            self._initial, self._now = values, list(values)
        for cell, now, expected in zip(layout.cells, values, self._now, strict=True):
            if not _same(now, expected):
                made = f"state {index - 1} and the changes of step {index} make it {short(expected)}"
                raise Misshapen(f"{short(cell)} is {short(now)}, but {made}")
        self._states += 1

    def _step(self, meta: dict[str, object]) -> TraceStep:
        facts = decode_fields(TraceStep, meta, step_names())
        known: set[str] = set()
        with within("changed"):
            changed = items(meta["changed"], lambda row: self._change(decode(_CHANGE, row), known))
        step = TraceStep(**facts, changed=changed)
        check_step(step, self._threads)
        return step

    def _change(self, row: tuple[str, Value, Value], known: set[str]) -> Change:
        """Check a change, and carry it out."""
        name, before, after = row
        number = self._numbers.get(name)
        if number is None:
            raise Misshapen(f"{short(name)} is no cell of this trace")
        if name in known:
            raise Misshapen(f"{short(name)} changes twice in one step")
        known.add(name)
        if not _same(before, self._now[number]):
            raise Misshapen(f"{short(name)} is {short(before)} before, but {short(self._now[number])} in the state before")
        if _same(before, after):
            raise Misshapen(f"{short(name)} is {short(after)} before and after; only what changes was expected")
        self._now[number] = after
        cell = self._layout.cells[number]
        return Change(cell, before, after, cell in self._head["ghosts"])

    def _finished(self) -> Trace:
        trace = Trace(
            **self._head,
            initial=tuple(zip(self._layout.cells, self._initial, strict=True)),
            steps=tuple(self._steps),
            loop=self._loop,
        )
        try:
            check(trace)
        except Misshapen as e:
            self._refuse("#meta", e, self._places["#meta"])
        if self._loop is not None and (wrong := _open(trace, self._loop)):
            self._refuse("loop", Misshapen(wrong), self._places["loop"])
        return trace


def _open(trace: Trace, loop: int) -> str:
    """Why the steps after a state do not lead back to it, or an empty string."""
    last = len(trace.steps)
    if not 0 <= loop <= last:
        return f"{short(loop)} is no state of this trace; a number from 0 to {last} was expected"
    at: dict[str, Value] = {}
    for index, state in enumerate(trace.states()):
        if index == loop:
            at = state
    for cell, value in at.items():
        if not _same(value, state[cell]):
            there = f"{short(value)} in state {loop} and {short(state[cell])} in state {last}"
            return f"{short(cell)} is {there}: the steps do not lead back"
    return ""


def _same(a: Value, b: Value) -> bool:
    """Whether two values are one; to Python, True and 1 are."""
    return type(a) is type(b) and a == b
