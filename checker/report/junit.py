"""Results as JUnit XML: a suite for each scenario that was checked, a test case for each property.

What was not decided never passes: in a check that was stopped every property that is not violated is an error. A property
that the scenario does not decide is skipped, and says why.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from xml.etree import ElementTree as ET

from checker.report.checked import Checked
from checker.report.ci import Failure, failures, line, undecided, vacuous
from checker.report.style import Style, inert
from checker.report.trace_text import trace_text

_SKIPPED = {
    "not checked": "this scenario does not decide it",
    "not met": "never met, but under parameters that are not the scenario's own",
    "not met yet": "never met to the depth that was asked for",
}
_PASSED = frozenset(("ok", "known finding"))


def junit(checked: Sequence[Checked]) -> str:
    """The document; it has no times."""
    root = ET.Element("testsuites", name="checker")
    for c in checked:
        root.append(_suite(c))
    for what in ("tests", "failures", "errors"):
        root.set(what, str(sum(int(suite.get(what, "0")) for suite in root)))
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _suite(c: Checked) -> ET.Element:
    cases = _cases(c)
    suite = ET.Element("testsuite", name=_visible(inert(c.name)), tests=str(len(cases)))
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(name, str(sum(case.find(tag) is not None for case in cases)))
    suite.append(_properties(_facts(c)))
    suite.extend(cases)
    return suite


def _facts(c: Checked) -> Iterable[tuple[str, str]]:
    """What a reader needs to know to believe the suite, or not."""
    r = c.result
    yield "scenario", inert(r["scenario"])
    yield "atomicity", inert(r["atomicity"])
    yield "parameters", " ".join(f"{inert(k)}={inert(v)}" for k, v in r["parameters"].items())
    yield "verdict", inert(r["verdict"])
    yield "exit", str(r["exit"])
    yield "exhaustive", str(r["exhaustive"]).lower()
    for key in ("depth", "states", "transitions"):
        yield key, str(r[key])
    for spec in dict.fromkeys(t.spec for t in c.traces):
        yield "spec", inert(spec)


def _cases(c: Checked) -> list[ET.Element]:
    """A case for each property; what belongs to none of them gets one of its own, so that it cannot get lost."""
    open_, idle, failed = undecided(c.result), set(vacuous([c])), failures(c)
    cases = []
    for row in c.result["properties"]:
        mine = [f for f in failed if (f.id, f.name) == (row["id"], row["name"])]
        failed = [f for f in failed if f not in mine]
        title = f"{inert(row['id'])} {inert(row['name'])}"
        case = _case(c, title)
        if title in idle:
            case.append(_properties([("vacuous", "what it speaks about never happened")]))
        _decide(case, row, mine, open_)
        if row["verdict"] == "known finding":
            known = [f for f in c.result["known_findings"] if f["property"] == row["id"]]
            ET.SubElement(case, "system-out").text = _visible("\n".join(map(_finding, known)))
        cases.append(case)
    for f in failed:
        cases.append(_case(c, f.title))
        _fail(cases[-1], f)
    if open_ and not any(case.find("error") is not None for case in cases):
        cases.append(_case(c, "the whole scope was searched"))
        _err(cases[-1], c.result["verdict"], open_)
    return cases


def _decide(case: ET.Element, row: Mapping[str, Any], mine: Sequence[Failure], open_: str) -> None:
    """Write a property's verdict into its case."""
    verdict = row["verdict"]
    for f in mine:
        _fail(case, f)
    if mine:
        return
    if verdict == "violated":
        failure = ET.SubElement(case, "failure", type="violation", message="violated")
        failure.text = _visible(", ".join(f"{inert(k)}={inert(v)}" for k, v in row["witness"].items()))
    elif open_:
        _err(case, "incomplete", f"not decided: {open_}")
    elif verdict in _SKIPPED:
        ET.SubElement(case, "skipped", message=_SKIPPED[verdict])
    elif verdict not in _PASSED:
        _err(case, verdict, f"not decided: {line(verdict)}")


def _fail(case: ET.Element, f: Failure) -> None:
    failure = ET.SubElement(case, "failure", type=f.kind, message=_visible(f.what))
    if f.trace is None:
        failure.text = f"a run of {f.steps} steps, which is not shown here" if f.steps else "there is no run to show"
    else:
        failure.text = _visible("\n".join(trace_text(f.trace, Style())))


def _err(case: ET.Element, type: str, message: str) -> None:
    ET.SubElement(case, "error", type=_visible(inert(type)), message=_visible(message))


def _case(c: Checked, name: str) -> ET.Element:
    return ET.Element("testcase", classname=_visible(inert(c.name)), name=_visible(name))


def _finding(f: Mapping[str, Any]) -> str:
    said = f"known finding {inert(f['id'])} ({inert(f['property'])} {inert(f['clause'])}), seen {f['seen']:,} times"
    return f"{said}: {line(f['title'])}\n{line(f['reason'])}"


def _properties(pairs: Iterable[tuple[str, str]]) -> ET.Element:
    element = ET.Element("properties")
    for name, value in pairs:
        ET.SubElement(element, "property", name=name, value=_visible(value))
    return element


def _visible(text: str) -> str:
    """A text that XML can hold: what is not printable is spelt out, except for the ends of lines."""
    return "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode("ascii") for c in text)
