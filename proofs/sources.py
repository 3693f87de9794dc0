"""Which source files a claim depends on, found without loading any of them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
OURS = ("checker", "proofs", "spec")
EXECUTED = "spec"
"""The package that is found by its folder and executed: a claim depends on all of it."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file of Python: its text, the modules of ours that it imports, and the weight of the claim in it, or 0."""

    path: Path
    text: bytes
    imports: frozenset[str]
    weight: int


def of_claim(name: str, root: Path = ROOT) -> list[Source]:
    """The claim's own file, all that it imports, directly or not, and the whole spec; by path."""
    found: dict[Path, Source] = {}
    waiting = [f"proofs.claims.{name}", "proofs.kernel"]
    while waiting:
        module = waiting.pop()
        for path in _files(root, module):
            if path not in found:
                found[path] = read(path)
                waiting += found[path].imports
    for path in (root / EXECUTED).rglob("*.py"):
        found.setdefault(path, read(path))
    return [found[path] for path in sorted(found)]


@cache
def read(path: Path) -> Source:
    """Read a file, once in a run."""
    text = path.read_bytes()
    tree = ast.parse(text, str(path))
    weights = [
        k.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Claim"
        for k in node.keywords
        if k.arg == "weight" and isinstance(k.value, ast.Constant) and isinstance(k.value.value, int)
    ]
    return Source(path, text, frozenset(_imports(tree, path)), max(weights, default=0))


def _files(root: Path, name: str) -> Iterator[Path]:
    """The files that importing a module, or a name from it, executes: the packages' and its own."""
    parts = name.split(".")
    for i in range(1, len(parts) + 1):
        path = root.joinpath(*parts[:i])
        yield from (f for f in (path.with_suffix(".py"), path / "__init__.py") if f.is_file())


def _imports(tree: ast.AST, path: Path) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names if a.name.split(".")[0] in OURS)
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                if EXECUTED in path.parts:
                    continue  # within the spec, which is taken as a whole
                raise ValueError(f"{path}:{node.lineno}: a relative import; write the whole name, so that it can be followed")
            if (node.module or "").split(".")[0] in OURS:
                yield from (f"{node.module}.{a.name}" for a in node.names)
