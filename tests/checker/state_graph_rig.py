"""A spec with hostile names, and a reader of DOT that is not graphviz."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

import pydot

from checker.load import load
from checker.lowering.machine import Machine

SPECS = Path(__file__).parent / "specs"

EVIL = 'x"]; evil -> node [label="<script>alert(1)</script>\\" &lt;\r\n\x00\x1b[2J\u202e\ud800\ufffe\u2028]]>\\'
"""What ends strings, labels, lines, elements and sections, clears a terminal, turns writing round, and is legal nowhere."""

EVIL_SCENARIO = EVIL.replace("\x00", "").replace("\ud800", "")
"""Of it, what a scenario can be called; the Python engine compiles its steps under that name."""

HOSTILE = """
from __future__ import annotations

from typing import Annotated

from spec.language import (
    Names, Parameters, Range, Scenario, Thread, check, choose, end_of, invariant, parameter, step, step_property, throw
)


class Sys(Parameters):
    \"\"\"Bounds.\"\"\"

    word_bits = parameter(64, hi=64, doc="word")
    gen_bits = parameter(4, hi=32, doc="generation")
    mood = parameter(0, doc="mood", names=(EVIL, "b"))


sys = Sys()


class Root:
    \"\"\"A counter.\"\"\"

    n: Annotated[int, Range(0, 5)]
    big: Annotated[int, Range(0, 2**64 - 1)]
    word: Annotated[int, Names(EVIL, "b")]


def initial(r: Root) -> None:
    \"\"\"Zero.\"\"\"
    r.big = 18446744073709551615


def bump(r: Root, k: int) -> None:
    \"\"\"Add.\"\"\"
    r.n += k


def counter(r: Root) -> None:
    \"\"\"Count to three by ones and twos; a throw beyond.\"\"\"
    while r.n < 3:
        k = choose(range(1, 3))
        bump(r, k)
    step()
    if r.n == 4:
        throw(EVIL)


@invariant("P1", EVIL)
def low(r: Root) -> None:
    \"\"\"Below three.\"\"\"
    check(EVIL, r.n < 3)


@step_property("P2", "by ones")
def ones(before: Root, after: Root) -> None:
    \"\"\"One at a time.\"\"\"
    check("by one", after.n == before.n + 1)


@end_of("bump", "P3", "bump's end")
def even(r: Root, k: int) -> None:
    \"\"\"Two makes even.\"\"\"
    check("even", k == 1 or r.n % 2 == 0)


SCENARIO = Scenario(EVIL_SCENARIO, "hostile", Root, initial, (Thread(counter),))
"""


def machine(scenario: str, spec: Path | None = None, variant: str = "", **options: Any) -> Machine:
    loaded = load(spec)
    if variant:
        loaded = load(spec, loaded.variants[variant].edits)
    return Machine(loaded, loaded.scenarios[scenario], options.pop("settings", {}), **options)


def hostile(folder: Path) -> Machine:
    where = folder / "hostile"
    where.mkdir()
    text = HOSTILE.replace("EVIL_SCENARIO", ascii(EVIL_SCENARIO)).replace("EVIL", ascii(EVIL))
    (where / "__init__.py").write_text(f'"""Hostile names."""\n{text}', encoding="utf-8")
    return machine(EVIL_SCENARIO, where)


def label(quoted: str) -> list[str]:
    """The lines of a label as graphviz shows them."""
    assert quoted[0] == quoted[-1] == '"'
    text, out = html.unescape(quoted[1:-1].replace('\\"', '"')), [""]
    while text:
        if text[0] != "\\":
            out[-1], text = out[-1] + text[0], text[1:]
        elif text[1] == "n":
            out, text = [*out, ""], text[2:]
        else:
            assert text[1] == "\\"
            out[-1], text = out[-1] + "\\", text[2:]
    return out


def read(dot: str) -> tuple[dict[str, list[str]], dict[str, tuple[str, str, list[str]]]]:
    """Labels of the nodes, and ends and label of each edge, as pydot reads them; what gives defaults has no quotes."""
    (parsed,) = pydot.graph_from_dot_data(dot)
    nodes = {n.get_name().strip('"'): label(n.get_label()) for n in parsed.get_nodes() if n.get_name()[0] == '"'}
    edges = {
        e.get("id").strip('"'): (e.get_source().strip('"'), e.get_destination().strip('"'), label(e.get_label()))
        for e in parsed.get_edges()
    }
    return nodes, edges
