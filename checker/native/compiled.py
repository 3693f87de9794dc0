"""A scenario's steps and the search's kernels as one piece of machine code, from the cache where it is known."""

from __future__ import annotations

import ctypes
import json
import re
import time
from collections.abc import Callable
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from checker.lowering.lowered import Lowered
from checker.native import cache as store
from checker.native.context import RunLayout, run_layout
from checker.native.exits import Exit
from checker.native.jit import QUICK, THOROUGH, Code, target_name
from checker.native.packing import Packing

Kernel = Callable[..., Any]

_SMALL = 30_000
"""Lines of IR up to which a module is optimised thoroughly; the kernels alone have some 12,000."""

_CHECKER = Path(__file__).resolve().parents[1]
_ENTRIES = {
    "explore_level": 2,
    "begin_block": 1,
    "regrow": 5,
    "expand": 2,
    "enter_initial": 3,
    "enter_graph": 1,
    "expand_graph": 2,
    "enter_walks": 1,
    "walk_on": 2,
}
_SYSTEM = {"initial": 2, "enter_thread": 3, "check_invariants": 2, "check_step": 3, "pack": 2, "unpack": 2, "at_rest": 1}


class Compiled:
    """The machine code of a lowered scenario.

    Parameters
    ----------
    lowered : Lowered

    Attributes
    ----------
    exits : list of Exit
        Status k is number k - 1.
    clauses : list of str
    run : RunLayout
    packing : Packing
    cached : bool
        Nothing had to be compiled.
    seconds : float
        To have the code ready.
    """

    def __init__(self, lowered: Lowered) -> None:
        began = time.perf_counter()
        counted = len(lowered.program.blocks), len(lowered.points), len(lowered.properties), len(lowered.findings)
        self.run: RunLayout = run_layout(*counted)
        self.packing = Packing(lowered.layout, lowered.thread_layouts)
        self.target = target_name()
        key = self._key(lowered)
        self.cached = self._known(key)
        if not self.cached:
            self._print(key, lowered)
        self.seconds = time.perf_counter() - began

    def function(self, name: str) -> Callable[..., int]:
        """An entry point: words in, a word out. The interpreter's lock is released meanwhile."""
        words = {**_ENTRIES, **_SYSTEM}[name]
        kind = ctypes.CFUNCTYPE(ctypes.c_uint64, *[ctypes.c_uint64] * words)
        made: Callable[..., int] = kind(self._code.address(name))
        return made

    def _key(self, lowered: Lowered) -> str:
        """The name of what printing and compiling would give: everything that either depends on."""
        scope = {
            "spec": lowered.spec.digest,
            "scenario": lowered.scenario.name,
            "without": list(lowered.without),
            "parameters": lowered.parameters,
            "atomicity": lowered.atomicity,
            "properties": [(p.id, p.name) for p in lowered.properties],
            "findings": [f.id for f in lowered.findings],
            "directory": str(lowered.spec.directory),
        }
        return "scope-" + store.name_of(json.dumps(scope), sources_digest(), self.target)

    def _known(self, key: str) -> bool:
        """Take the code from the cache."""
        text = store.read(key)
        if text is None:
            return False
        known = json.loads(text)
        code = store.read(known["code"])
        if code is None:
            return False
        self.exits = [Exit(**e) for e in known["exits"]]
        self.clauses = list(known["clauses"])
        self._code = Code("", QUICK, code=code)
        return True

    def _print(self, key: str, lowered: Lowered) -> None:
        """Print, compile and keep the code; the same IR may be known from another scope."""
        from checker.native.system import System

        system = System(lowered)
        text = link(system.text, kernels())
        level = _level(text)
        name = "code-" + store.name_of(text, self.target, str(level))
        self.exits, self.clauses = system.exits, system.clauses
        self._code = Code(text, level, code=store.read(name))
        store.write(name, self._code.object)
        known = {"code": name, "exits": [asdict(e) for e in self.exits], "clauses": self.clauses}
        store.write(key, json.dumps(known).encode())


def _level(text: str) -> int:
    """How much to optimise: a small module gains a quarter of its speed in a second, a large one would take ten."""
    return THOROUGH if text.count("\n") < _SMALL else QUICK


@cache
def sources_digest() -> str:
    """A hash of the tool's own text and of the language's."""
    import spec.language as language

    folders = (_CHECKER, Path(language.__file__).parent)
    files = sorted(f for folder in folders for f in folder.rglob("*.py"))
    return store.name_of(*(part for f in files for part in (f.name, f.read_bytes())))


def kernels() -> str:
    """The kernels of the search, of the graph for liveness, and of random walks."""
    from checker.native.kernels import graph, level, noting, successors, visited, walk
    from checker.native.kernels.canonical import canonical
    from checker.native.kernels.compiler import print_kernels

    roots: list[Kernel] = [
        level.explore_level,
        level.begin_block,
        visited.regrow,
        successors.expand,
        level.enter_initial,
        graph.enter_graph,
        graph.expand_graph,
        walk.enter_walks,
        walk.walk_on,
    ]
    inner: list[Kernel] = [successors.begin_successor, successors.end_successor, noting.note_failure, canonical]
    return print_kernels(roots, inner)


def link(*texts: str) -> str:
    """Modules as one: what one defines, the others need not declare."""
    lines = "\n".join(texts).split("\n")
    defined = {m.group(1) for line in lines if (m := re.match(r'define .*?@"?([\w.$]+)"?\(', line))}
    out: list[str] = []
    declared: set[str] = set()
    for line in lines:
        m = re.match(r'declare .*?@"?([\w.$]+)"?\(', line)
        if m:
            if m.group(1) in defined or m.group(1) in declared:
                continue
            declared.add(m.group(1))
        if line.startswith(("target triple", "target datalayout", "; ModuleID")):
            continue
        out.append(line)
    return "\n".join(out)
