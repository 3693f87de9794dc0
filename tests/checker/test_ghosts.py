"""Functions of the observer: no scheduling point inside, nothing but ghosts written, no step of their own after a release."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest

from checker.differential import Comparison
from checker.errors import LanguageError
from checker.load import Spec, load
from checker.lowering.machine import Machine

HEAD = """
from __future__ import annotations
from typing import Annotated
from spec.language import *

class Sys(Parameters):
    word_bits = parameter(8, hi=64, doc="word")
    gen_bits = parameter(4, hi=32, doc="generation")

sys = Sys()

class Root:
    lock: Lock
    x: Annotated[int, Range(0, 9), Racy()]
    seen: Annotated[int, Range(0, 9), Ghost()]

"""

WORK = """
@ghost
def look(r: Root) -> None:
    r.seen = r.x

def initial(r: Root) -> None:
    r.x = 1

def add(r: Root) -> None:
    while True:
        wait(lambda: r.x < 9, rest=True)
        look(r)
        acquire(r.lock)
        r.x = r.x + 1
        release(r.lock)
        look(r)

S = Scenario("s", "two threads count, an observer looks", Root, initial, (Thread(add), Thread(add)))
"""


def spec_of(folder: Path, text: str) -> Spec:
    (folder / "__init__.py").write_text(HEAD + text)
    return load(folder)


@pytest.mark.parametrize("atomicity", ["lock", "fine"])
def test_both_executions_run_an_observer_alike(tmp_path: Path, atomicity: Literal["lock", "fine"]) -> None:
    spec_of(tmp_path, WORK)
    comparison = Comparison(load(tmp_path), load(tmp_path), "s", {}, atomicity)
    assert comparison.first_difference(2000, seed=3) is None
    assert comparison.tally.silent > 100


def test_an_observer_adds_no_scheduling_point(tmp_path: Path) -> None:
    spec = spec_of(tmp_path, WORK)
    machine = Machine(spec, spec.scenarios["s"], {}, atomicity="fine")
    kinds = [[b.cut.kind for b in g.blocks if b.cut is not None] for g in machine.graphs]
    assert kinds == [["rest", "acquire", "load", "store"]] * 2
    plain = spec_of(tmp_path, WORK.replace("@ghost\n", ""))
    machine = Machine(plain, plain.scenarios["s"], {}, atomicity="fine")
    kinds = [[b.cut.kind for b in g.blocks if b.cut is not None] for g in machine.graphs]
    assert all(k.count("load") == 3 for k in kinds)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    r.seen = r.x\n", "    r.seen = r.x\n    r.x = 2\n", "changes the state"),
        ("    r.seen = r.x\n", "    r.seen = r.x\n    step()\n", "is a scheduling point"),
        ("    r.seen = r.x\n", '    throw_if(r.x > 8, "no")\n', "throws"),
        ("def look(r: Root) -> None:\n    r.seen = r.x\n", "def look(r: Root) -> int:\n    return r.x\n", "returns a value"),
    ],
)
def test_an_observer_that_the_heap_could_notice_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in WORK
    spec = spec_of(tmp_path, WORK.replace(old, new))
    with pytest.raises(LanguageError, match=said):
        Machine(spec, spec.scenarios["s"], {})
