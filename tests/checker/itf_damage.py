"""Stored traces to damage, and ways to damage them with what is said of each."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from trace_samples import litmus, minimised, sample

from checker.trace.itf import itf
from checker.trace.scan import MAX_DIGITS

Doc = dict[str, Any]
DIGITS = MAX_DIGITS + 1
KINDS = ("B01", "circle", "neglect", "ending")


@cache
def text(kind: str = "B01") -> str:
    """A file of each kind that is a trace."""
    if kind == "B01":
        return itf(minimised(sample("B01")))
    return itf(litmus("liveness", kind)[1])


def instead(old: str, new: str, kind: str = "B01") -> str:
    """The file with one piece of its text replaced."""
    assert old in text(kind)
    return text(kind).replace(old, new, 1)


def edit(at: str, value: Any) -> Callable[[Doc], None]:
    """Put a value at a place such as ``states/1/#meta/thread``; ``DELETE`` takes away what is there."""

    def change(doc: Any) -> None:
        *way, last = [int(k) if k.lstrip("-").isdigit() else k for k in at.split("/")]
        for key in way:
            doc = doc[key]
        if value is DELETE:
            del doc[last]
        else:
            doc[last] = value

    return change


DELETE = object()


def swapped(doc: Doc) -> None:
    doc["states"][2], doc["states"][3] = doc["states"][3], doc["states"][2]


def repeated(doc: Doc) -> None:
    doc["states"].insert(2, doc["states"][2])


def without_head(doc: Doc) -> None:
    del doc["#meta"]


def apalache(doc: Doc) -> None:
    doc["#meta"] = {"format": "ITF", "format-description": "of another tool", "description": "Created by it"}


def twice_changed(doc: Doc) -> None:
    changed = doc["states"][1]["#meta"]["changed"]
    changed.append(changed[0])


SHAPES: dict[str, tuple[Callable[[Doc], None], str]] = {
    "no head": (without_head, ":1: 'vars' comes first; '#meta', with the facts of the trace, was expected before it"),
    "no variables": (edit("vars", DELETE), "the key 'vars' is missing"),
    "no states": (edit("states", DELETE), "the key 'states' is missing"),
    "an empty list of states": (edit("states", []), "states: state 0 was expected, but the list is empty"),
    "states are an object": (edit("states", {}), "not JSON of this format: a list was expected"),
    "a key of another format": (edit("params", []), "there is no key 'params' in this format"),
    "of another tool": (apalache, "#meta: the format is 'ITF', 'checker-trace-1' was expected"),
    "of another version": (
        edit("#meta/format", "checker-trace-2"),
        "#meta: the format is 'checker-trace-2', 'checker-trace-1'",
    ),
    "no format": (edit("#meta/format", DELETE), "#meta: the format is null"),
    "the head is a list": (edit("#meta", []), "#meta: the format is null"),
    "description is a number": (edit("#meta/description", 3), "#meta.description: a text was expected, not 3"),
    "a fact missing": (edit("#meta/clause", DELETE), "#meta: the key 'clause' is missing"),
    "a fact too many": (edit("#meta/timestamp", 12), "#meta: there is no key 'timestamp' in this format"),
    "a fact of the wrong type": (edit("#meta/tool", None), "#meta.tool: a text was expected, not null"),
    "truth for number": (edit("#meta/exit", True), "#meta.exit: a whole number was expected, not true"),
    "number for truth": (edit("#meta/scope/strict", 1), "#meta.scope.strict: true or false was expected, not 1"),
    "a fraction": (edit("#meta/exit", 12.5), "#meta.exit: 12.5 was found where a whole number was expected"),
    "an infinity": (edit("#meta/seed", float("inf")), "#meta.seed: Infinity was found"),
    "no number": (edit("states/0/lock", float("nan")), "states[0].lock: NaN was found; the format has whole numbers only"),
    "an exit code of no violation": (edit("#meta/exit", 7), "#meta.exit: 7 was found where 0, 11, 12, 13, 14 may stand"),
    "a loop that is not there": (
        edit("#meta/exit", 13),
        "#meta.exit: 13 stands for a run without end, but the file has no loop",
    ),
    "atomicity": (
        edit("#meta/scope/atomicity", "coarse"),
        "#meta.scope.atomicity: 'coarse' was found where 'lock', 'fine' may",
    ),
    "order": (edit("#meta/order", "any"), "#meta.order: 'any' was found where '', 'real', "),
    "a parameter of three": (
        edit("#meta/scope/parameters/0", ["a", 1, 2]),
        "#meta.scope.parameters[0]: a list of 2 was expected",
    ),
    "a parameter that is none": (edit("#meta/scope/settings", ["pages"]), "#meta.scope.settings[0]: 'pages' is no parameter"),
    "a witness that is an object": (edit("#meta/witness", {"span": "s"}), "#meta.witness: a list was expected, not an object"),
    "ghosts twice": (edit("#meta/ghosts", ["lock", "lock"]), "#meta.ghosts[1]: 'lock' occurs twice"),
    "an unknown ghost": (edit("#meta/ghosts", ["casper"]), "#meta.ghosts: 'casper' is no cell of this trace"),
    "an unknown fair thread": (
        edit("#meta/fairness", [{"thread": "t", "enabled_always": True, "taken": False}]),
        "#meta.fairness[0].thread: 't' is no thread of this trace",
    ),
    "an unknown thread in the circle": (edit("#meta/lock_cycle", ["t"]), "#meta.lock_cycle[0]: 't' is no thread of this trace"),
    "a cause beyond the end": (edit("#meta/cause/step", 5), "#meta.cause.step: 5 is no step; a number from 0 to 4"),
    "a cause seen too early": (edit("#meta/cause/seen", 1), "#meta.cause.seen: 1 is no step; a number from 4 to 4"),
    "a cause of no cell": (edit("#meta/cause/reads/0/cell", "x"), "#meta.cause.reads[0].cell: 'x' is no cell of this trace"),
    "a read beyond the end": (edit("#meta/cause/reads/1/step", -1), "#meta.cause.reads[1].step: -1 is no step"),
    "no such need": (edit("#meta/cause/needs/0/step", 0), "#meta.cause.needs[0].step: 0 is no step; a number from 1"),
    "a cause of the wrong kind": (edit("#meta/cause", "unknown"), "#meta.cause: an object or null was expected, not 'unknown'"),
    "a cell twice": (edit("#meta/cells/1", "lock"), "#meta.cells: the cell 'lock' occurs twice"),
    "a cell that is no text": (edit("#meta/cells/1", 1), "#meta.cells[1]: a text was expected, not 1"),
    "a cell too many": (edit("#meta/cells/1", "more"), "vars: these are not the first names of the cells"),
    "too many cells": (edit("#meta/cells", [f"c{i}" for i in range(40_000)]), "#meta.cells: a state has 40,000 cells; at most"),
    "variables in another order": (lambda doc: doc["vars"].reverse(), "vars: these are not the first names of the cells"),
    "a variable that is no text": (edit("vars/0", {"#map": []}), "vars[0]: a text was expected, not an object"),
    "a state that is a list": (edit("states/2", []), "states[2]: an object was expected, not a list of 0"),
    "a state without facts": (edit("states/2/#meta", DELETE), "states[2]: the key '#meta' is missing"),
    "a state without a variable": (edit("states/3/lock", DELETE), "states[3]: the key 'lock' is missing"),
    "a variable too many": (edit("states/3/lok", 1), "states[3]: there is no key 'lok' in this format"),
    "an array too short": (edit("states/3/mspans/4", DELETE), "states[3].mspans: a list of 5 was expected, not a list of 4"),
    "an array for a record": (edit("states/3/os", []), "states[3].os: an object was expected, not a list of 0"),
    "a record for an array": (edit("states/3/mspans", {}), "states[3].mspans: a list of 5 was expected, not an object"),
    "a cell without value": (
        edit("states/3/mspans/1/state", None),
        "states[3].mspans[1].state: a whole number or true or false",
    ),
    "a set": (edit("states/3/lock", {"#set": []}), "states[3].lock: a whole number or true or false or a text was expected"),
    "a map that is none": (edit("states/3/lock", {"#map": [1]}), "states[3].lock: #map is no list of pairs"),
    "a map with a key twice": (
        edit("states/3/lock", {"#map": [["a", 1], ["a", 1]]}),
        "states[3].lock: the key 'a' occurs twice",
    ),
    "hex": (edit("states/3/nspan", {"#bigint": "0x10"}), "states[3].nspan: #bigint is '0x10'; a whole number in quotes"),
    "spaces in a number": (edit("states/3/nspan", {"#bigint": " 1"}), "states[3].nspan: #bigint is ' 1'"),
    "other digits": (edit("states/3/nspan", {"#bigint": "\u0661"}), "states[3].nspan: #bigint is "),
    "underscores in a number": (edit("states/3/nspan", {"#bigint": "1_0"}), "states[3].nspan: #bigint is '1_0'"),
    "a number of a number": (edit("states/3/nspan", {"#bigint": 1}), "states[3].nspan: #bigint is 1; "),
    "too many digits": (edit("states/3/nspan", {"#bigint": "9" * DIGITS}), f"states[3].nspan: a number of {DIGITS} digits"),
    "a million digits": (edit("states/3/nspan", {"#bigint": "9" * 10**6}), "states[3].nspan: a number of 1,000,000 digits"),
    "half a character": (
        edit("states/3/#meta/action", "a\ud800"),
        "states[3].#meta.action: the text has half a character, \\ud800",
    ),
    "an index out of order": (edit("states/3/#meta/index", 2), "states[3].#meta.index: 2 was found, 3 was expected"),
    "states in another order": (swapped, "states[2].#meta.index: 3 was found, 2 was expected"),
    "a state twice": (repeated, "states[3].#meta.index: 2 was found, 3 was expected"),
    "a state left out": (edit("states/2", DELETE), "states[2].#meta.index: 3 was found, 2 was expected"),
    "state 0 with a step": (edit("states/0/#meta/thread", "mutator"), "states[0].#meta: there is no key 'thread'"),
    "a step without thread": (edit("states/1/#meta/thread", DELETE), "states[1].#meta: the key 'thread' is missing"),
    "a thread that is none": (edit("states/1/#meta/thread", "sweeper"), "states[1].#meta.thread: 'sweeper' is no thread"),
    "a thread that is a number": (edit("states/1/#meta/thread", 1), "states[1].#meta.thread: a text was expected, not 1"),
    "a choice that is a text": (
        edit("states/1/#meta/choice", [["c", "1"]]),
        "states[1].#meta.choice[0][1]: a whole number was",
    ),
    "an argument": (edit("states/1/#meta/args/1", "x"), "states[1].#meta.args[1]: a list of 2 was expected, not 'x'"),
    "a call": (
        edit("states/1/#meta/calls/2/ended", "no"),
        "states[1].#meta.calls[2].ended: true or false was expected, not 'no'",
    ),
    "a call too deep": (edit("states/1/#meta/calls/0/depth", 10**30), "states[1].#meta.calls[0].depth: 1000000000000"),
    "a call below the first": (edit("states/1/#meta/calls/0/depth", -1), "states[1].#meta.calls[0].depth: -1 was found"),
    "a change of an unknown cell": (
        edit("states/1/#meta/changed/0/0", "mspans[9].state"),
        "states[1].#meta.changed[0]: 'mspans[9].state' is no cell of this trace",
    ),
    "a change from what was not": (
        edit("states/1/#meta/changed/0/1", 7),
        "states[1].#meta.changed[0]: 'mutators[0].inside' is 7 before, but false in the state before",
    ),
    "a change from 0 instead of false": (
        edit("states/1/#meta/changed/0/1", 0),
        "states[1].#meta.changed[0]: 'mutators[0].inside' is 0 before, but false in the state before",
    ),
    "a change to what is not": (
        edit("states/1/#meta/changed/0/2", 1),
        "states[1]: 'mutators[0].inside' is true, but state 0 and the changes of step 1 make it 1",
    ),
    "a change that changes nothing": (
        edit("states/1/#meta/changed/0/2", False),
        "states[1].#meta.changed[0]: 'mutators[0].inside' is false before and after",
    ),
    "a cell changed twice": (twice_changed, "states[1].#meta.changed[1]: 'mutators[0].inside' changes twice in one step"),
    "a change left out": (
        edit("states/1/#meta/changed/0", DELETE),
        "states[1]: 'mutators[0].inside' is true, but state 0 and the changes of step 1 make it false",
    ),
    "a cell that nobody changed": (
        edit("states/2/os/page/3", "elsewhere"),
        "states[2]: 'os.page[3]' is 'elsewhere', but state 1 and the changes of step 2 make it ",
    ),
    "another initial state": (edit("states/0/clock", 255), "states[1]: 'clock' is "),
    "a loop that is a text": (edit("loop", "1"), "loop: a whole number was expected, not '1'"),
    "a loop from before the beginning": (edit("loop", -1), "loop: -1 is no state of this trace; a number from 0 to 4"),
    "a loop from behind the end": (edit("loop", 5), "loop: 5 is no state of this trace"),
    "a loop that does not close": (edit("loop", 0), "in state 4: the steps do not lead back"),
    "a huge loop": (edit("loop", 10**600), "loop: 1000000000000"),
}
