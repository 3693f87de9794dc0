"""Nothing of a trace can do anything to the page that shows it."""

from __future__ import annotations

import re

import pytest
from html_rig import RUNS, TEXTS, hostile, page, recorded

from checker.report.html import render
from checker.report.html.markup import el

ELEMENTS = re.findall(
    r"\S+",
    """html head meta title style body a header h1 h2 h3 h4 p span em code b i small dl div dt dd main section table caption
    thead tbody tr th td details summary article ul ol li button input output label figure figcaption pre script""",
)
ATTRIBUTES = re.findall(
    r"\S+",
    """lang charset http-equiv content name href class id tabindex role title scope type for min max value checked hidden
    aria-hidden aria-label aria-labelledby aria-live""",
)


@pytest.mark.parametrize("text", TEXTS, ids=lambda t: repr(t[:24]))
@pytest.mark.parametrize("run", RUNS)
def test_a_hostile_text_makes_the_elements_that_any_text_makes(run: str, text: str) -> None:
    trace = RUNS[run]()
    harmless_text = re.sub(r"[^.]", "x", text)  # dots separate the parts of a path
    spoilt, harmless = page(hostile(trace, text)), page(hostile(trace, harmless_text))
    assert [n.tag for n in spoilt.walk()] == [n.tag for n in harmless.walk()]
    names = [(n.tag, sorted(n.attributes.keys() - {"class"})) for n in harmless.walk()]
    assert [(n.tag, sorted(n.attributes.keys() - {"class"})) for n in spoilt.walk()] == names


@pytest.mark.parametrize("text", ["harmless", *TEXTS], ids=lambda t: repr(t[:24]))
@pytest.mark.parametrize("run", RUNS)
def test_there_is_nothing_in_the_page_that_loads_or_runs(run: str, text: str) -> None:
    tree = page(hostile(RUNS[run](), text))
    for node in tree.walk():
        assert node.tag in ("", *ELEMENTS)
        assert node.attributes.keys() <= set(ATTRIBUTES), node.attributes
        if "href" in node.attributes:
            assert re.fullmatch(r"#(step=\d+|run)", node.attributes["href"] or "")
    assert [n.attributes.get("type") for n in tree.all("script")] == ["application/json", None]
    assert len(tree.all("style")) == 1


@pytest.mark.parametrize("text", TEXTS, ids=lambda t: repr(t[:24]))
def test_no_character_of_a_hostile_text_is_invisible(text: str) -> None:
    said = render(hostile(recorded("B01"), text))
    assert all(c.isprintable() or c == "\n" for c in said)
    said.encode("utf-8")
    element = said[said.index('id="data">') + len('id="data">') :].partition("</script>")[0]
    assert element.isascii()
    assert not set(element) & set("<>&")


def test_a_very_long_text_is_cut_wherever_it_stands() -> None:
    trace = recorded("B01")
    assert len(render(hostile(trace, "x" * 100_000))) < len(render(hostile(trace, "x" * 1_100))) * 1.01


def test_elements_escape_what_is_not_markup() -> None:
    assert el("p", "<b>", el("b", "&"), None, [1, '"'], title='"<', aria_label="a", class_="") == (
        '<p title="&quot;&lt;" aria-label="a">&lt;b&gt;<b>&amp;</b>1"</p>'
    )
