"""Markdown of hostile text: read by GitHub's own parser, it is the text and nothing else."""

from __future__ import annotations

import re

import pytest
from markdown_page import Page
from trace_samples import HOSTILE

from checker.report.ci import line
from checker.report.markdown import code, details, fence, plain, table


@pytest.mark.parametrize(
    "bad", [*HOSTILE, "*a* _b_ ~c~ `d`", "www.evil.example", "x@evil.example", "1. a", "# a", "<b>", "&lt;"]
)
def test_text_and_code_are_read_back_as_they_were(bad: str) -> None:
    for write in (plain, code):
        found = Page(write(bad) + "\n\n| a |\n|---|\n| " + write(bad) + " |\n")
        assert set(found.tags) <= {"p", "code", "table", "thead", "tbody", "tr", "th", "td"}
        said = re.sub(r"\s+", " ", found.text.replace("\u200b", "")).strip()
        once = re.sub(r"\s+", " ", line(bad)).strip()
        assert said == f"{once} a {once}"


def test_mentions_and_issues_are_broken_up_outside_code() -> None:
    assert re.search(r"@\u200beveryone #\u200b1 :\u200btada", Page(plain("@everyone #1 :tada:")).text)
    assert "\u200b" not in Page(code("spec/free.py:23 #1")).text


def test_a_fence_is_longer_than_any_run_of_backticks_in_it() -> None:
    lines = ["a", "`````", "```` b", "</details>", "~~~"]
    assert Page("\n".join(fence(lines))).text.rstrip("\n") == "\n".join(lines)
    assert Page("\n".join(fence(["x"]))).tags["pre"] == 1


def test_a_table_has_as_many_cells_as_it_was_given() -> None:
    page = Page("\n".join(table(("a", "b"), [[plain("x | y"), code("z")], ["1", "2"]])))
    assert [c.strip() for c in page.cells] == ["a", "b", "x | y", "z", "1", "2"]


def test_a_section_holds_markdown() -> None:
    page = Page("\n".join(details(plain("</summary>"), ["**x**"])))
    assert (page.tags["details"], page.tags["summary"], page.tags["strong"]) == (1, 1, 1)
    assert "</summary>" in page.text
