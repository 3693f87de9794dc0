"""Workflow commands as GitHub's runner takes them apart, and summaries as GitHub's own Markdown parser reads them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest
from checked_samples import fine, hostile_checks, kinds, safety, stopped, with_finding
from markdown_page import Page
from trace_samples import HOSTILE

from checker.report import github
from checker.report.checked import Checked
from checker.report.ci import call, line
from checker.report.github import summary, workflow_commands
from checker.report.mermaid import mermaid
from checker.report.picture import as_text
from checker.report.style import inert


@dataclass(frozen=True)
class Command:
    kind: str
    options: dict[str, str]
    text: str


def command(text: str) -> Command:
    """One line, taken apart in the steps of the runner: the second ``::`` ends the options, commas part them."""
    assert text.startswith("::")
    head, data = text[2:].split("::", 1)
    kind, _, options = head.partition(" ")
    return Command(kind, dict(map(pair, options.split(","))), unescaped(data))


def pair(option: str) -> tuple[str, str]:
    name, _, value = option.partition("=")
    return name, unescaped(value.replace("%3A", ":").replace("%2C", ","))


def unescaped(text: str) -> str:
    return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")


def commands(checked: Sequence[Checked]) -> list[Command]:
    text = workflow_commands(checked)
    assert text == "" or text.endswith("\n")
    return [command(one) for one in text.splitlines()]


def test_an_error_stands_at_the_clause_and_says_what_failed_and_why() -> None:
    trace = safety().traces[0]
    assert trace.cause is not None
    (error, *rest) = commands([safety()])
    assert error.kind == "error"
    assert error.options == {"file": "spec/properties/partition.py", "line": "22", "title": "P3 maximal coalescing"}
    what = "quick: safety violation: no free neighbours (span=mspans[0], neighbour=mspans[1], page=1)"
    assert error.text == f"{what}\n{trace.cause.sentence}"
    assert [c.kind for c in rest] == ["warning"]


def test_the_lowest_exit_code_comes_first() -> None:
    errors = [c for c in commands(kinds()) if c.kind == "error"]
    assert [c.options["title"].split()[0] for c in errors] == ["P26", "P3", "P10", "L2", "L1", "P6"]


def test_a_check_that_found_nothing_and_reached_everything_says_nothing() -> None:
    rows = [{**r, "antecedent_reached": True} for r in fine().result["properties"]]
    assert workflow_commands([fine(properties=rows)]) == ""


def test_a_check_that_was_stopped_is_a_warning() -> None:
    (first, *_) = commands([stopped()])
    assert (first.kind, first.options) == ("warning", {"title": "not decided"})
    assert first.text == "quick: stopped by memory; nothing was found to depth 5"


def test_a_property_is_idle_only_if_no_check_reached_it() -> None:
    def idle(*checked: Checked) -> str:
        return "".join(c.text for c in commands(checked) if c.options["title"] == "antecedent never met")

    assert "P11 scavenger timeliness" in idle(safety())
    rows = [{**r, "antecedent_reached": True} if r["id"] == "P11" else r for r in fine().result["properties"]]
    assert "P11" not in idle(safety(), fine(properties=rows))
    assert "P13 ensureSwept" in idle(safety(), fine(properties=rows))
    assert "every cycle's sweep ends" not in idle(safety())  # not checked: it does not hold, idle or not


def test_a_known_finding_is_one_notice_however_many_checks_saw_it() -> None:
    notices = [c for c in commands([with_finding(), replace(with_finding(), name="growth")]) if c.kind == "notice"]
    assert [c.text for c in notices] == ["P16 initialised: a reused struct is found (seen in quick, growth)"]
    assert notices[0].options == {"title": "known finding F2"}


def test_more_than_github_shows_are_counted() -> None:
    many = [replace(c, name=f"{c.name} {i}") for i in range(4) for c in kinds()]
    errors = [c for c in commands(many) if c.kind == "error"]
    assert len(errors) == github.MOST
    assert errors[-1].text == "15 more are in the summary of this step"
    assert [c.options["title"].split()[0] for c in errors[:5]] == ["P26"] * 4 + ["P3"]
    exactly = [replace(safety(), name=str(i)) for i in range(10)]
    assert "more are in" not in workflow_commands(exactly)


@pytest.mark.parametrize("bad", [*HOSTILE, "a%0Ab%25", "::error::x", "x,file=y", "a::b"])
def test_hostile_text_makes_no_command_and_no_option(bad: str) -> None:
    trace = replace(safety().traces[0], name=bad, clause=bad, definition=f"spec{bad}:3", witness=((bad, bad),))
    text = workflow_commands([Checked({**safety().result, "violations": []}, (trace,), bad)])
    assert all(c.isprintable() or c == "\n" for c in text)
    (error, *rest) = map(command, text.split("\n")[:-1])
    assert (error.kind, [c.kind for c in rest]) == ("error", ["warning"])
    assert set(error.options) == {"file", "line", "title"}
    assert error.options["title"].startswith("P3 " + inert(line(bad))[:100])
    assert line(bad)[:100] in error.text


def test_hostile_checks_make_commands_of_the_three_kinds_only() -> None:
    found = commands(hostile_checks())
    assert [c.kind for c in found] == sorted((c.kind for c in found), key=["error", "warning", "notice"].index)
    assert max(Counter(c.kind for c in found).values()) == github.MOST


MARKUP = {"h2", "p", "table", "thead", "tbody", "tr", "th", "td", "code", "pre", "details", "summary", "b", "br", "ul", "li"}


def page(checked: Sequence[Checked]) -> Page:
    """The page of a summary that has no markup but its own."""
    text = summary(checked)
    assert len(text.encode()) < 1 << 20
    found = Page(text)
    assert set(found.tags) <= MARKUP
    assert found.attributes <= {("pre", "lang", "mermaid"), ("pre", "lang", "sh")}
    assert found.odd == []
    return found


def test_the_summary_has_a_row_for_each_check_and_a_section_for_each_violation() -> None:
    found = page([*kinds(), stopped()])
    rows = [c.strip() for c in found.cells]
    assert rows[:6] == ["scenario", "verdict", "states", "depth", "exhaustive", "atomicity"]
    assert rows[6:12] == ["quick", "violation", "24", "5", "no", "lock"]
    assert rows[42] == "quick"
    assert rows[43] == "incomplete: stopped by memory; nothing was found to depth 5"
    assert found.tags["details"] == len(kinds()) + 1
    assert "checker: 6 of 7 violated; 1 not decided" in found.text


def test_a_section_holds_cause_steps_picture_diagram_and_command() -> None:
    trace = safety().traces[0]
    assert trace.cause is not None
    found = page([safety()])
    assert f"Cause: {trace.cause.sentence}" in found.text.replace("\u200b", "")
    at = next(i for i, c in enumerate(found.cells) if c.strip() == "changes") + 1
    rows = [found.cells[i : i + 5] for i in range(at, at + 5 * len(trace.steps), 5)]
    for cells, s in zip(rows, trace.steps, strict=True):
        assert [c.strip() for c in cells[:4]] == [str(s.index), s.thread, call(s), s.source]
    assert f"\n{chr(10).join(as_text(trace.pictures[-1]))}\n" in found.text
    assert f"\n{mermaid(trace)}" in found.text
    assert f"\n{trace.command}\n" in found.text
    assert ("pre", "lang", "mermaid") in found.attributes


def test_a_loop_and_a_deadlock_are_said() -> None:
    text = page(kinds()).text
    assert "It is a run of 0 steps to a loop of 2 steps." in text
    assert "second waits for a, held by first" in text


def test_findings_and_idle_properties_have_sections() -> None:
    text = page([with_finding()]).text
    assert "the reader looks again" in text
    assert "P11 scavenger timeliness" in text
    assert "checker: 1 checked, none violated" in text


def test_hostile_text_stays_text_in_markdown() -> None:
    found = page(hostile_checks())
    for word in ("<script>alert(1)</script>", "[x](http://evil.example)", "</details>", "]]><!--", "${{ x }}"):
        assert word in found.text
    trace = hostile_checks()[0].traces[0]
    assert f"\n{mermaid(trace)}" in found.text


def test_a_summary_has_no_more_bytes_than_github_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    trace = safety().traces[0]
    long = replace(trace, steps=tuple(replace(trace.steps[i % 5], index=i + 1) for i in range(400)))
    many = [replace(safety(), traces=(long,), name=f"quick {i}") for i in range(8)]
    found = page(many)
    assert "more are left out, because there is no room for them" in found.text
    assert "The steps are left out, because a summary has no room for them." in found.text
    assert found.tags["details"] == 9
    monkeypatch.setattr(github, "LARGEST", 8_000)
    small = summary(many)
    assert len(small.encode()) <= 8_000
    left_out = re.search(r"([0-9]+) more violations are left out", small)
    assert left_out is not None
    assert Page(small).tags["details"] + int(left_out[1]) == 9


def test_names_without_end_do_not_break_the_bound() -> None:
    bad = [replace(c, name=f"{i}{c.name}") for i in range(20) for c in hostile_checks()]
    assert len(summary(bad).encode()) < 1 << 20


def test_the_bytes_do_not_depend_on_time_or_memory() -> None:
    slower = [Checked({**c.result, "seconds": {"total": 99}, "peak_memory_bytes": 1}, c.traces, c.name) for c in kinds()]
    assert summary(slower) == summary(kinds())
    assert workflow_commands(slower) == workflow_commands(kinds())
