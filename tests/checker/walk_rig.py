"""Machines to walk through: of the small specs, and of a few lines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from checker.load import Spec, load
from checker.lowering.machine import Machine

SPECS = {name: load(Path(__file__).parent / "specs" / name) for name in ("corners", "edges", "liveness", "medley", "pool")}
ENGINES = ("native", "python")

START = """
from __future__ import annotations
from typing import Annotated
from spec.language import *

class Sys(Parameters):
    word_bits = parameter(8, hi=64, doc="word")
    gen_bits = parameter(4, hi=32, doc="generation")

sys = Sys()

class Root:
    x: Annotated[int, Range(0, 200)]
    y: Annotated[int, Range(0, 200)]

def initial(r: Root) -> None:
    pass

def one(r: Root) -> None:
    while True:
        step()
        r.x = (r.x + 1) % 200

def many(r: Root) -> None:
    while True:
        i = choose(range(100))
        r.y = i
"""


def made(folder: Path, text: str, threads: str) -> Machine:
    """A machine of a spec that is `START` and some text."""
    folder = folder / "a_spec"
    folder.mkdir()
    scenario = f'S = Scenario(name="s", purpose="", root=Root, initial=initial, threads=({threads},))\n'
    (folder / "__init__.py").write_text(START + text + scenario)
    spec = load(folder)
    return Machine(spec, spec.scenarios["s"], {})


def machine_of(spec: Spec, scenario: str, atomicity: str = "lock", **more: Any) -> Machine:
    return Machine(spec, spec.scenarios[scenario], more.pop("parameters", {}), atomicity=atomicity, **more)


def small(name: str, **more: Any) -> Machine:
    """A machine of a litmus scenario."""
    return machine_of(next(s for s in SPECS.values() if name in s.scenarios), name, **more)
