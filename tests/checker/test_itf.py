"""A trace as ITF: another reader reads the same states, and reading it back gives the same trace."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import itf_py
import pytest
from hypothesis import given, settings
from random_traces import traces
from trace_samples import SPECS, hostile, litmus, minimised, sample

from checker.load import load
from checker.lowering.machine import Machine
from checker.report.files import write
from checker.search.breadth_first import BreadthFirst, Limits
from checker.trace.itf import itf
from checker.trace.read import MAX_BYTES, read
from checker.trace.record import record
from checker.trace.trace import FORMAT, Trace, Value

LITMUS = {"deadlock": "circle", "loop": "neglect", "last state for ever": "ending"}
KINDS = ("B01", "B02", "B08", "B12", *LITMUS, "throw", "minimised", "random walk", "no step", "hostile")


@cache
def trace_of(kind: str) -> Trace:
    """A trace of each kind, without its pictures, which are not written."""
    return replace(_trace_of(kind), pictures=())


def _trace_of(kind: str) -> Trace:
    if kind in LITMUS:
        return litmus("liveness", LITMUS[kind])[1]
    if kind == "throw":
        return thrown()
    if kind == "minimised":
        return replace(minimised(sample("B08")), command="checker explore --scenario quick")
    if kind == "random walk":
        return replace(sample("B01"), seed=2**64 - 1, shortest="a random walk", order="undecided")
    if kind == "no step":
        return replace(sample("B01"), steps=(), exit=0, property="", cause=None)
    if kind == "hostile":
        trace = storable(hostile())
        return replace(trace, scope=replace(trace.scope, atomicity="lock"), order="")
    return sample(kind)


def thrown() -> Trace:
    """The trace of a throw."""
    spec = load(SPECS / "corners")
    machine = Machine(spec, spec.scenarios["ends"], {}, properties=(), without=("adding",))
    return record(machine, next(v for v in BreadthFirst(machine, Limits()).run().violations if v.exit == 14))


def storable(thing: Any) -> Any:
    """The same with halves of characters replaced, as they are in a file."""
    if isinstance(thing, str):
        return "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in thing)
    if is_dataclass(thing) and not isinstance(thing, type):
        return replace(thing, **{f.name: storable(getattr(thing, f.name)) for f in fields(thing)})
    return type(thing)(map(storable, thing)) if isinstance(thing, (tuple, frozenset)) else thing


def back(trace: Trace, folder: Path) -> Trace:
    """The trace, stored and read."""
    write(folder / "trace.itf.json", itf(trace))
    return read(folder / "trace.itf.json")


def exact(trace: Trace) -> str:
    """The trace as text, in which True and 1 differ, as they do not in a comparison."""
    return repr(replace(trace, ghosts=frozenset())) + str(sorted(trace.ghosts))


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Value]]:
    """The cells of a value of itf-py by path."""
    if isinstance(value, list):
        for i, inner in enumerate(value):
            yield from leaves(inner, f"{path}[{i}]")
    elif isinstance(value, itf_py.itf.ImmutableDict) or hasattr(value, "_asdict"):
        for name, inner in (value if isinstance(value, dict) else value._asdict()).items():
            yield from leaves(inner, f"{path}.{name}")
    else:
        assert type(value) in (int, bool, str), path
        yield path, value


def cells(state: itf_py.State) -> dict[str, Value]:
    """The cells of a state of itf-py; a cell that is a variable of its own, without the mark of one."""
    found = [leaf for name, value in state.values.items() for leaf in leaves(value, name.removeprefix("cell "))]
    assert len(dict(found)) == len(found)
    return dict(found)


@pytest.mark.parametrize("kind", KINDS)
def test_every_fact_comes_back(kind: str, tmp_path: Path) -> None:
    trace = trace_of(kind)
    again = back(trace, tmp_path)
    assert again == trace
    assert exact(again) == exact(trace)
    assert itf(again) == itf(trace)


@pytest.mark.parametrize("kind", KINDS)
def test_another_reader_reads_every_state_whole(kind: str) -> None:
    trace = trace_of(kind)
    seen = itf_py.trace_from_json(json.loads(itf(trace)))
    assert [repr(sorted(cells(s).items())) for s in seen.states] == [repr(sorted(s.items())) for s in trace.states()]
    assert seen.loop == trace.loop
    assert all(list(s.values) == seen.vars for s in seen.states)
    assert [s.meta["index"] for s in seen.states] == list(range(len(trace.steps) + 1))
    assert [s.meta["thread"] for s in seen.states[1:]] == [s.thread for s in trace.steps]


def test_the_kinds_are_what_they_are_called() -> None:
    assert {kind: trace_of(kind).exit for kind in ("deadlock", "loop", "throw", "B01")} == {
        "deadlock": 11,
        "loop": 13,
        "throw": 14,
        "B01": 12,
    }
    assert trace_of("deadlock").lock_cycle
    assert trace_of("loop").loop == 0
    assert trace_of("last state for ever").loop == len(trace_of("last state for ever").steps)
    assert any(s.thrown for s in trace_of("throw").steps)
    assert "<script>" in itf(trace_of("hostile"))


@pytest.mark.parametrize("kind", KINDS)
def test_the_text_is_ascii_and_has_a_line_for_each_state(kind: str) -> None:
    text = itf(trace_of(kind))
    assert all(c == "\n" or " " <= c <= "~" for c in text)
    assert text.endswith("}\n")
    lines = text.splitlines()
    begins = lines.index(' "states": [') + 1
    for i in range(len(trace_of(kind).steps) + 1):
        assert json.loads(lines[begins + i].rstrip(","))["#meta"]["index"] == i
    assert lines[begins + len(trace_of(kind).steps) + 1].startswith(" ]")


def test_the_head_says_what_the_file_is() -> None:
    head = json.loads(itf(trace_of("B01")))["#meta"]
    assert head["format"] == FORMAT
    assert head["description"] == "P10 scavenger completeness: old page released; 4 steps in scenario quick with B01"
    assert not any("time" in key for key in head)


def test_records_and_arrays_nest_and_every_integer_is_one() -> None:
    last = json.loads(itf(trace_of("B01")))["states"][-1]
    state = list(trace_of("B01").states())[-1]
    assert last["mspans"][1]["npages"] == {"#bigint": str(state["mspans[1].npages"])}
    assert last["os"]["page"][2] == state["os.page[2]"]
    assert last["mutators"][0]["root"][1] == {"#bigint": str(state["mutators[0].root[1]"])}
    assert last["mutators"][0]["inside"] is state["mutators[0].inside"]
    assert last["lock"] == state["lock"]


def test_an_object_that_readers_take_for_another_is_a_map() -> None:
    plain = trace_of("no step")
    initial = (("v[0].tag", "a"), ("v[0].value", 1), ("w._hidden", True), ("x.tag", 2), ("x.other", 3))
    trace = replace(plain, initial=initial, ghosts=frozenset())
    state = json.loads(itf(trace))["states"][0]
    assert state["v"] == [{"#map": [["tag", "a"], ["value", {"#bigint": "1"}]]}]
    assert state["w"] == {"#map": [["_hidden", True]]}
    assert state["x"] == {"tag": {"#bigint": "2"}, "other": {"#bigint": "3"}}
    assert cells(itf_py.trace_from_json(json.loads(itf(trace))).states[0]) == dict(initial)


@pytest.mark.parametrize(
    ("paths", "variables"),
    [
        ("a a[0]", ["cell a", "cell a[0]"]),
        ("a[0] a", ["cell a[0]", "cell a"]),
        ("a.b a", ["cell a.b", "cell a"]),
        ("a[0] a.b c", ["cell a[0]", "cell a.b", "c"]),
        ("a[1] b[1] b[0]", ["cell a[1]", "b"]),
        ("a[0] a[2]", ["cell a[0]", "cell a[2]"]),
        ("a[00] a[0] a[-1]", ["cell a[00]", "a", "cell a[-1]"]),
        ("#meta [0] . a..b a.[0] a[0]b", ["cell #meta", "cell [0]", "cell .", "cell a..b", "cell a.[0]", "cell a[0]b"]),
        ("a" + "[0]" * 31 + " b" + "[0]" * 32, ["a", "cell b" + "[0]" * 32]),
        ("a[1].x[0].y a[0].x[0].y a[1].x[0].z a[0].x[0].z b.c.d", ["a", "b"]),
    ],
)
def test_a_cell_that_does_not_nest_is_a_variable_of_its_own(paths: str, variables: list[str], tmp_path: Path) -> None:
    initial = tuple((path, i) for i, path in enumerate(paths.split()))
    trace = replace(trace_of("no step"), initial=initial, ghosts=frozenset())
    seen = itf_py.trace_from_json(json.loads(itf(trace)))
    assert seen.vars == variables
    assert cells(seen.states[0]) == dict(initial)
    assert back(trace, tmp_path) == trace


def test_files_of_other_writers_may_be_laid_out_otherwise(tmp_path: Path) -> None:
    path = tmp_path / "trace.json"
    for kind in ("B01", "loop", "hostile"):
        found = json.loads(itf(trace_of(kind)))
        for text in (
            json.dumps(found, indent=4, sort_keys=True),
            json.dumps(found, separators=(",", ":")),
            json.dumps(found, ensure_ascii=False).replace("\x7f", "\\u007f"),
            "\r\n\t " + json.dumps(found) + " \n\n",
        ):
            path.write_bytes(text.encode())
            assert read(path) == trace_of(kind)


def test_whole_numbers_may_be_written_either_way(tmp_path: Path) -> None:
    path = tmp_path / "trace.json"
    plain = itf(trace_of("B01")).replace('{"#bigint":"0"}', "0").replace('"exit": 12', '"exit": {"#bigint": "12"}')
    path.write_text(plain)
    assert read(path) == trace_of("B01")


def test_real_traces_are_far_below_the_bound() -> None:
    trace = trace_of("B02")
    assert len(itf(trace)) / (len(trace.steps) + 1) * 1000 < MAX_BYTES / 4


def test_a_step_that_changes_no_cell_of_the_trace_is_not_written() -> None:
    trace = trace_of("B01")
    with pytest.raises(ValueError, match=r"changes 'sweepgen', which is no cell"):
        itf(replace(trace, initial=tuple((c, v) for c, v in trace.initial if c != "sweepgen"), steps=changing(trace)))


def changing(trace: Trace) -> Any:
    """The steps, the first of which changes another cell too."""
    step = trace.steps[0]
    extra = replace(step.changed[0], cell="sweepgen", before=2, after=4)
    return (replace(step, changed=(*step.changed, extra)), *trace.steps[1:])


@settings(max_examples=40, deadline=None)
@given(traces())
def test_any_trace_comes_back(tmp_path_factory: pytest.TempPathFactory, trace: Trace) -> None:
    again = back(trace, tmp_path_factory.mktemp("trace"))
    assert exact(again) == exact(trace)


@settings(max_examples=40, deadline=None)
@given(traces(odd=True))
def test_cells_that_do_not_nest_come_back_too(tmp_path_factory: pytest.TempPathFactory, trace: Trace) -> None:
    again = back(trace, tmp_path_factory.mktemp("trace"))
    assert exact(again) == exact(trace)
    itf_py.trace_from_json(json.loads(itf(trace)))


@settings(max_examples=40, deadline=None)
@given(traces())
def test_the_changes_of_each_step_lead_to_its_state(trace: Trace) -> None:
    seen = itf_py.trace_from_json(json.loads(itf(trace)))
    now = cells(seen.states[0])
    assert list(map(repr, sorted(now.items()))) == list(map(repr, sorted(trace.initial)))
    for state in seen.states[1:]:
        for cell, before, after in state.meta["changed"]:
            assert repr(now[cell]) == repr(itf_py.value_from_json(before))
            now[cell] = itf_py.value_from_json(after)
        assert repr(sorted(now.items())) == repr(sorted(cells(state).items()))
