"""What a run has exercised: landmarks, and the functions of the seed."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from checker.errors import LanguageError
from checker.lowering.machine import Machine
from spec.language import Landmark


@dataclass(frozen=True, slots=True)
class FunctionCount:
    """How often a spec function with a Go counterpart was entered."""

    go: str
    function: str
    entered: int


def functions(machine: Machine) -> list[FunctionCount]:
    """Every function of the spec that states one of ``mheap.go``, with its entries in this run."""
    entries: dict[str, int] = {}
    for block, count in machine.block_counts():
        entries.setdefault(block.function, count)
    out = []
    for module, text in machine.spec.sources.items():
        for node in ast.parse(text).body:
            if isinstance(node, ast.FunctionDef):
                go = re.search(r"^\s*Go: (mheap\.go:\S+)", ast.get_docstring(node) or "", re.MULTILINE)
                if go:
                    name = f"{module}.{node.name}".lstrip(".")
                    out.append(FunctionCount(go.group(1), name, entries.get(name, 0)))
    return sorted(out, key=lambda f: f.go)


def landmarks(machine: Machine) -> list[tuple[str, int]]:
    """The landmarks of the spec and their counts in this run."""
    return [(mark.name, _count(machine, mark)) for mark in machine.spec.landmarks]


def _count(machine: Machine, mark: Landmark) -> int:
    blocks = [(b, n) for b, n in machine.block_counts() if b.function == mark.function]
    if not blocks:
        return 0
    if not mark.line:
        return blocks[0][1]
    module, _, name = mark.function.rpartition(".")
    text = machine.spec.sources[module]
    (node,) = [n for n in ast.parse(text).body if isinstance(n, ast.FunctionDef) and n.name == name]
    lines = text.splitlines()
    found = [i for i in range(node.lineno, (node.end_lineno or node.lineno) + 1) if mark.line in lines[i - 1]]
    if not found and machine.spec.edited:
        return 0  # the variant has removed what was to be counted
    if len(found) != 1:
        place = f"{machine.program.file(mark.function)}:{node.lineno}"
        raise LanguageError(place, f"landmark {mark.name!r} wants {mark.line!r} on one line of {name}; it is on {len(found)}")
    around = [(b.last - b.first, n) for b, n in blocks if b.first <= found[0] <= b.last]
    return min(around)[1]
