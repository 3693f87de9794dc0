"""Mermaid: a sequence diagram by a small grammar, in which no text means anything but itself.

Mermaid's own parser and renderer (11.17) took these diagrams and gave the texts back; it needs node and a DOM, so here is
the part of its grammar that is used.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import pytest
from checked_samples import kinds, safety, two_threads
from trace_samples import HOSTILE, hostile, minimised

from checker.report.ci import call
from checker.report.mermaid import mermaid
from checker.report.style import inert
from checker.trace.trace import Stuck, Trace

TEXT = r"(?P<text>(?:[A-Za-z0-9 .,_()=\[\]*/+?!'-]|#[0-9]+;)+)"
STATEMENTS = {
    "participant": re.compile(rf"participant (?P<who>t[0-9]+) as {TEXT}|participant (?P<state>state)"),
    "message": re.compile(rf"(?P<from>t[0-9]+)(?P<arrow>->>|-x)(?P<to>t[0-9]+|state): (?P<index>[0-9]+) {TEXT}"),
    "note": re.compile(rf"Note over (?P<over>t[0-9]+|state|t[0-9]+,state): {TEXT}"),
    "loop": re.compile(rf"loop {TEXT}"),
    "end": re.compile("end"),
}


@dataclass(frozen=True)
class Statement:
    kind: str
    parts: dict[str, str]
    text: str


def parsed(trace: Trace) -> list[Statement]:
    """The statements of the diagram, if it is one."""
    text = mermaid(trace)
    assert len(text) <= 50_000
    head, *lines = text.removesuffix("\n").split("\n")
    assert head == "sequenceDiagram"
    out: list[Statement] = []
    known: set[str] = set()
    depth = 0
    for line in lines:
        found = [(k, m) for k, r in STATEMENTS.items() if (m := r.fullmatch(line.removeprefix("    ")))]
        assert len(found) == 1, line
        kind, parts = found[0][0], {k: v for k, v in found[0][1].groupdict().items() if v}
        known |= {parts[k] for k in ("who", "state") if k in parts}
        used = [parts[k] for k in ("from", "to") if k in parts] + parts.get("over", "").split(",")
        assert {u for u in used if u} <= known
        depth += (kind == "loop") - (kind == "end")
        assert depth in (0, 1)
        said = parts.get("text", "")
        assert not re.search(r"\bend\b", said, re.IGNORECASE)
        out.append(Statement(kind, parts, re.sub(r"#([0-9]+);", lambda m: chr(int(m[1])), said)))
    assert depth == 0
    return out


def of(kind: str, trace: Trace) -> list[Statement]:
    return [s for s in parsed(trace) if s.kind == kind]


@pytest.mark.parametrize("trace", [c.traces[0] for c in kinds()], ids=[c.name for c in kinds()])
def test_each_step_is_a_message_of_its_thread_in_order(trace: Trace) -> None:
    people = {s.parts["who"]: s.text for s in of("participant", trace) if "who" in s.parts}
    messages = of("message", trace)
    assert [(int(m.parts["index"]), people[m.parts["from"]]) for m in messages] == [(s.index, s.thread) for s in trace.steps]
    for m, s in zip(messages, trace.steps, strict=True):
        assert m.text.endswith(call(s))
        assert m.text.startswith("takes the lock, ") == (s.begins_at == "acquire")
        changes = any(not c.ghost for c in s.changed) or bool(s.thrown)
        assert m.parts["to"] == ("state" if changes else m.parts["from"])
        assert m.parts["arrow"] == ("-x" if s.thrown else "->>")


def test_a_step_that_only_the_observer_notes_changes_no_state() -> None:
    trace = safety().traces[0]
    steps = tuple(replace(s, changed=tuple(replace(c, ghost=True) for c in s.changed)) for s in trace.steps)
    assert {m.parts["to"] for m in of("message", replace(trace, steps=steps))} == {"t0"}


def test_only_threads_that_take_steps_or_matter_take_part() -> None:
    assert [s.text for s in of("participant", safety().traces[0])][:-1] == ["mutator"]
    assert [s.text for s in of("participant", two_threads().traces[0])][:-1] == ["mutator", "scavenger"]


def test_a_note_over_the_last_step_says_what_failed() -> None:
    last = parsed(safety().traces[0])[-1]
    assert last.parts["over"] == "t0,state"
    said = "safety violation: P3 maximal coalescing: no free neighbours (span=mspans[0], neighbour=mspans[1], page=1)"
    assert last.text == said


def test_the_step_that_made_the_clause_false_is_marked_if_it_is_not_the_last() -> None:
    trace = safety().traces[0]
    assert trace.cause is not None
    early = replace(trace, cause=replace(trace.cause, step=2, seen=5))
    shown = parsed(early)
    at = next(i for i, s in enumerate(shown) if s.text == "step 2 made the clause false")
    assert shown[at - 1].parts["index"] == "2"
    assert not [s for s in parsed(trace) if "made the clause false" in s.text]


def test_a_loop_goes_round_the_steps_that_repeat() -> None:
    neglect, ending = kinds()[3].traces[0], kinds()[4].traces[0]
    assert [s.kind for s in parsed(neglect)] == ["participant"] * 2 + ["loop", "message", "message", "end", "note", "note"]
    assert of("loop", neglect)[0].text == "for ever, from state 0 on"
    later = replace(safety().traces[0], loop=3)
    assert [s.kind for s in parsed(later)][2:] == ["message"] * 3 + ["loop"] + ["message"] * 2 + ["end", "note"]
    assert [s.text for s in of("note", ending)][:2] == ["state 1 lasts for ever", "fair: not always enabled, takes no step"]


def test_a_deadlock_notes_what_each_thread_waits_for() -> None:
    trace = kinds()[2].traces[0]
    people = {s.parts["who"]: s.text for s in of("participant", trace) if "who" in s.parts}
    notes = [(people[n.parts["over"]], n.text) for n in of("note", trace)[:-1]]
    assert notes == [(w.thread, w.sentence) for w in trace.stuck]


def test_a_violation_in_state_0_and_a_run_without_a_violation_are_diagrams() -> None:
    assert [s.kind for s in parsed(replace(safety().traces[0], steps=()))] == ["participant", "note"]
    passing = replace(safety().traces[0], exit=0, property="", name="", clause="", cause=None)
    assert parsed(passing)[-1].text == "nothing is violated"


def test_steps_for_which_mermaid_has_no_room_are_left_out_from_the_beginning() -> None:
    trace = safety().traces[0]
    steps = tuple(replace(trace.steps[i % 5], index=i + 1) for i in range(2000))
    messages = of("message", replace(trace, steps=steps, loop=10))
    first = int(messages[0].parts["index"])
    assert [int(m.parts["index"]) for m in messages] == list(range(first, 2001))
    assert first > 1000
    assert of("note", replace(trace, steps=steps))[0].text.startswith(f"steps 1 to {first - 1} are not drawn")


def test_hostile_text_stays_text() -> None:
    trace = minimised(hostile())
    shown = parsed(trace)
    people = [s.text for s in shown if s.kind == "participant" and "who" in s.parts]
    assert people == [inert(t).strip() for t in dict.fromkeys(s.thread for s in trace.steps)]
    assert len([s for s in shown if s.kind == "message"]) == len(trace.steps)


@pytest.mark.parametrize("bad", [*HOSTILE, "", " ", "end", "End", "the end.", "wrap: x", "a -->> b", "ﬂ°°60¶ß", "\U0001d54f é"])
def test_a_name_is_given_back_as_it_is_shown(bad: str) -> None:
    trace = safety().traces[0]
    steps = tuple(replace(s, thread=bad, action=bad) for s in trace.steps)
    stuck = (Stuck(bad, "acquire", "", "", "", "", "", bad),)
    shown = parsed(replace(trace, steps=steps, scope=replace(trace.scope, threads=(bad,)), stuck=stuck))
    assert shown[0].text == inert(bad).strip() or (shown[0].text == " " and not bad.strip())
    assert all(s.text.isprintable() for s in shown)
    assert next(s for s in shown if s.kind == "message").text.startswith(inert(bad).strip()[:100])
