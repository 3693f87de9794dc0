"""Rumur: one thread, no symmetry reduction."""

from __future__ import annotations

import platform
import re
import tempfile
from pathlib import Path

from .measure import Measured, PeerError, build, require, run

MODEL = Path(__file__).with_name("pageheap.m")
PROGRAMS = ("rumur", "gcc")
_GENERATE = [
    "--threads",
    "1",
    "--symmetry-reduction",
    "off",
    "--deadlock-detection",
    "stuck",
    "--output-format",
    "machine-readable",
]
_WIDE = ["-mcx16"] if platform.machine() == "x86_64" else []
_COMPILE = ["gcc", "-std=c11", "-O3", "-march=native", *_WIDE, "-o", "search", "search.c", "-lpthread"]


def rumur(pages: int, threads: int, held: int, *, model: Path = MODEL) -> Measured:
    """Search the model (P, T, H) with Rumur, from a temporary folder.

    Rumur tells whole seconds only, so ``seconds`` is the wall time of the searching process.

    Raises
    ------
    MissingTool, PeerError
    """
    require(*PROGRAMS)
    text = model.read_text()
    for name, value in (("P", pages), ("T", threads), ("H", held)):
        text, count = re.subn(rf"(?m)^  {name}: \d+;", f"  {name}: {value};", text)
        if count != 1:
            raise PeerError(f"{model}: the line '  {name}: NUMBER;' was expected once and stands there {count} times")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "model.m").write_text(text)
        seconds = build([["rumur", *_GENERATE, "--output", "search.c", "model.m"], _COMPILE], folder)
        ran = run(["./search"], folder)
    found = re.search(r'<summary states="(\d+)" rules_fired="(\d+)" errors="0"', ran.output)
    if ran.code or found is None:
        raise PeerError(f"Rumur did not complete a search without errors; it said:\n{ran.output}")
    return Measured(
        tool="Rumur",
        pages=pages,
        threads=threads,
        held=held,
        states=int(found[1]),
        transitions=int(found[2]),
        seconds=ran.seconds,
        peak_bytes=ran.peak_bytes,
        build_seconds=seconds,
    )
