"""Specs of a few lines for the tests of plain execution, and all their schedules."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from checker.load import load
from checker.plain import PlainRun

HEAD = """
from __future__ import annotations
from typing import Annotated
from spec.language import *

class Sys(Parameters):
    word_bits = parameter(8, hi=64, doc="word")
    gen_bits = parameter(4, hi=32, doc="generation")
    items = parameter(2, hi=8, doc="items")

sys = Sys()

def initial(r: Root) -> None:
    pass

"""

Schedule = list[tuple[int, tuple[int, ...]]]
Begin = Callable[[], PlainRun]


def a_spec(folder: Path, text: str, *threads: str, parameters: str = "{}") -> Callable[[Any], Begin]:
    """What begins runs of a spec of one module, whose root is ``Root``, at a given atomicity."""
    made = ", ".join(t if "(" in t else f"Thread({t})" for t in threads)
    scenario = (
        f'SCENARIO = Scenario(name="s", purpose="", root=Root, initial=initial, threads=({made},), parameters={parameters})\n'
    )
    folder = folder / "a_spec"
    folder.mkdir()
    (folder / "__init__.py").write_text(HEAD + text + "\n" + scenario)
    spec = load(folder)
    return lambda atomicity: lambda: PlainRun(spec, spec.scenarios["s"], {}, atomicity=atomicity)


def explore(begin: Begin, observe: Callable[[PlainRun], Any]) -> dict[Any, Schedule]:
    """What is observed at the end of every schedule, each with one schedule; runs each schedule from the start."""
    seen: dict[Any, Schedule] = {}
    todo: list[Schedule] = [[]]
    while todo:
        schedule = todo.pop()
        with begin() as run:
            for step in schedule:
                run.take(*step)
            while options := run.enabled():
                todo += [[*schedule, o] for o in options[1:]]
                schedule = [*schedule, options[0]]
                run.take(*options[0])
            seen.setdefault(observe(run), schedule)
    return seen


def kinds(run: PlainRun) -> list[str]:
    return [run.waiting_at(t.index) for t in run.threads]
