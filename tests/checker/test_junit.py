"""JUnit XML: read back by other readers; what was not decided is an error, and nothing hostile gets out of its text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from checked_samples import FINDING, fine, hostile_checks, kinds, safety, stopped, with_finding
from junitparser import Error, Failure, JUnitXml, Skipped
from trace_samples import HOSTILE

from checker.report.checked import Checked
from checker.report.junit import junit
from checker.report.style import Style, inert
from checker.report.trace_text import trace_text

CHILDREN = ("properties", "error", "failure", "skipped", "system-out")
ATTRIBUTES = {
    "testsuites": {"name", "tests", "failures", "errors"},
    "testsuite": {"name", "tests", "failures", "errors", "skipped"},
    "testcase": {"classname", "name"},
    "failure": {"type", "message"},
    "error": {"type", "message"},
    "skipped": {"message"},
    "property": {"name", "value"},
    "properties": set(),
    "system-out": set(),
}


def tree(checked: Sequence[Checked]) -> ET.Element:
    """The document, if it has only what the usual schemas know, in their order."""
    root = ET.fromstring(junit(checked))
    for e in root.iter():
        assert set(e.attrib) == ATTRIBUTES[e.tag]
    for case in root.iter("testcase"):
        order = [CHILDREN.index(child.tag) for child in case]
        assert order == sorted(order)
        assert sum(child.tag in ("error", "failure", "skipped") for child in case) <= 1
    return root


def read(checked: Sequence[Checked]) -> list[Any]:
    """The suites as another reader finds them, with counts that agree."""
    document = JUnitXml.fromstring(junit(checked).encode())
    suites = list(document)
    for suite in suites:
        kinds = [type(r) for case in suite for r in case.result]
        assert (suite.tests, suite.failures, suite.errors) == (len(list(suite)), kinds.count(Failure), kinds.count(Error))
        assert suite.skipped == kinds.count(Skipped)
    totals = (sum(s.tests for s in suites), sum(s.failures for s in suites), sum(s.errors for s in suites))
    assert (document.tests, document.failures, document.errors) == totals
    return suites


def results(checked: Checked) -> dict[str, Any]:
    """The result of each case by name; None if it passed."""
    (suite,) = read([checked])
    found = [(case.name, case.result[0] if case.result else None) for case in suite]
    assert len({name for name, _ in found}) == len(found)
    return dict(found)


def test_a_suite_for_each_check_and_a_case_for_each_property() -> None:
    suites = read(kinds())
    assert [s.name for s in suites] == [c.name for c in kinds()]
    for suite, c in zip(suites, kinds(), strict=True):
        assert [case.name for case in suite] == [f"{r['id']} {r['name']}" for r in c.result["properties"]]
        assert {case.classname for case in suite} == {c.name}


@pytest.mark.parametrize(
    ("number", "name", "kind"),
    [
        (0, "P3 maximal coalescing", "safety violation"),
        (2, "P26 no deadlock", "deadlock"),
        (3, "L2 done anyway", "liveness violation"),
        (5, "P6 legal state (a throw of the heap)", "throw of the heap"),
    ],
)
def test_a_violation_is_a_failure_with_the_steps_of_the_text_report(number: int, name: str, kind: str) -> None:
    checked = kinds()[number]
    found = {k: v for k, v in results(checked).items() if isinstance(v, Failure)}
    assert list(found) == [name]
    assert found[name].type == kind
    assert found[name].message.startswith(checked.traces[0].clause)
    assert found[name].text == "\n".join(trace_text(checked.traces[0], Style()))


def test_the_message_says_the_witness() -> None:
    said = results(safety())["P3 maximal coalescing"].message
    assert said == "no free neighbours (span=mspans[0], neighbour=mspans[1], page=1)"


def test_what_is_fine_passes() -> None:
    found = results(fine())
    bad = {name: type(r) for name, r in found.items() if r is not None}
    assert set(bad.values()) == {Skipped}
    skipped = {f"{r['id']} {r['name']}" for r in fine().result["properties"] if r["verdict"] not in ("ok", "known finding")}
    assert set(bad) == skipped


def test_in_a_check_that_was_stopped_nothing_passes_and_nothing_is_skipped() -> None:
    found = results(stopped())
    assert {type(r) for r in found.values()} == {Error}
    assert {r.message for r in found.values()} == {"not decided: stopped by memory; nothing was found to depth 5"}


def test_a_violation_stays_a_failure_in_a_check_that_was_stopped() -> None:
    found = results(replace(safety(), result={**safety().result, "stopped": "memory"}))
    assert [name for name, r in found.items() if isinstance(r, Failure)] == ["P3 maximal coalescing"]
    assert {type(r) for r in found.values()} == {Failure, Error}


def test_a_check_that_was_stopped_without_any_property_is_an_error() -> None:
    assert [type(r) for r in results(fine(verdict="incomplete", stopped="states", properties=[])).values()] == [Error]
    assert [type(r) for r in results(fine(verdict="error", exit=75, properties=[])).values()] == [Error]


@pytest.mark.parametrize(
    ("verdict", "kind"),
    [("not checked", Skipped), ("not met", Skipped), ("not met yet", Skipped), ("incomplete", Error), ("something new", Error)],
)
def test_a_property_that_was_not_decided_does_not_pass(verdict: str, kind: type) -> None:
    rows = [{**r, "verdict": verdict} if r["id"] == "P4" else r for r in fine().result["properties"]]
    assert isinstance(results(fine(properties=rows))["P4 partition"], kind)


def test_a_known_finding_passes_and_is_named_where_it_belongs() -> None:
    other = {**FINDING, "id": "F3", "property": "P25"}
    checked = Checked({**with_finding().result, "known_findings": [FINDING, other]}, (), "quick")
    assert {r for name, r in results(checked).items() if name.startswith("P16")} == {None}
    (suite,) = read([checked])
    said = {case.system_out for case in suite if case.name.startswith("P16")}
    assert said == {"known finding F2 (P16 initialised), seen 1,234 times: a reused struct is found\nthe reader looks again"}
    assert {case.system_out for case in suite if not case.name.startswith("P16")} == {None}


def test_a_property_that_says_nothing_is_marked() -> None:
    rows = fine().result["properties"]
    marked = {
        case.get("name")
        for case in tree([fine()]).iter("testcase")
        if case.find("properties/property[@name='vacuous']") is not None
    }
    assert marked == {f"{r['id']} {r['name']}" for r in rows if r["verdict"] == "ok" and not r["antecedent_reached"]}
    assert "P11 scavenger timeliness" in marked


def test_a_violation_that_no_row_knows_is_not_lost() -> None:
    odd = {**safety().result["violations"][0], "name": "something else"}
    found = results(fine(verdict="violation", violations=[odd]))
    assert [name for name, r in found.items() if isinstance(r, Failure)] == ["P3 something else"]
    rows = [{**r, "verdict": "violated"} if r["id"] == "P4" else r for r in fine().result["properties"]]
    assert isinstance(results(fine(properties=rows))["P4 partition"], Failure)


def test_two_clauses_of_one_property_are_two_failures_of_one_case() -> None:
    second = {**safety().result["violations"][0], "clause": "another clause"}
    checked = replace(safety(), result={**safety().result, "violations": [*safety().result["violations"], second]})
    case = next(c for c in ET.fromstring(junit([checked])).iter("testcase") if c.get("name") == "P3 maximal coalescing")
    assert [f.get("message", "").split(" (")[0] for f in case.iter("failure")] == ["no free neighbours", "another clause"]


def test_the_suite_says_what_was_searched() -> None:
    (suite,) = read([safety()])
    facts = {p.name: p.value for p in suite.properties()}
    result = safety().result
    assert facts["parameters"].split() == [f"{k}={v}" for k, v in result["parameters"].items()]
    assert (facts["states"], facts["exhaustive"], facts["spec"]) == ("24", "false", safety().traces[0].spec)
    assert not {"time", "timestamp", "hostname"} & {key for e in tree([safety()]).iter() for key in e.attrib}


def test_hostile_text_stays_text_in_both_readers() -> None:
    root = tree(hostile_checks())
    names = [inert(c.name) for c in hostile_checks()]
    assert [s.get("name") for s in root] == names == [s.name for s in read(hostile_checks())]
    for e in root.iter():
        for said in (*e.attrib.values(), *(line for line in (e.text or "").split("\n"))):
            assert said.isprintable()
    lines = "\n".join(trace_text(hostile_checks()[0].traces[0], Style())).split("\n")
    shown = [repr(line)[1:-1] if not line.isprintable() else line for line in lines]
    assert (next(root.iter("failure")).text or "").split("\n") == shown


@pytest.mark.parametrize("bad", [*HOSTILE, "\ufffe\uffff\ud800", "a\tb\rc\x0bd"])
def test_what_xml_cannot_hold_is_spelt_out(bad: str) -> None:
    text = junit([replace(fine(), name=bad), fine(verdict="incomplete", stopped=bad)])
    assert all(c.isprintable() or c == "\n" for c in text)
    root = ET.fromstring(text)
    assert root[0].get("name") == inert(bad)
    assert inert(bad[:100]).rstrip("…") in next(root.iter("error")).get("message", "")


def test_the_bytes_do_not_depend_on_time_or_memory() -> None:
    slower = [Checked({**c.result, "seconds": {"total": 99}, "peak_memory_bytes": 1}, c.traces, c.name) for c in kinds()]
    assert junit(slower) == junit(kinds())
