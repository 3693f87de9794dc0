"""The HTML report in a real browser: steps, keys, narrow windows, dark rooms, readers who do not see, and hostile text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Browser, Page, installed
from html_rig import TEXTS, deadlock, hostile, lasso, made, recorded

from checker.report.html import render
from checker.report.style import inert
from checker.trace.trace import Trace
from spec.language import Chain, Strip

pytestmark = pytest.mark.skipif(installed() is None, reason="no Chromium is installed (apt-get install chromium)")

RUNS = {
    "recorded": lambda: recorded("B02"),
    "deadlock": deadlock,
    "lasso": lasso,
    "made": lambda: made(12, 40, 7),
    "hostile": lambda: hostile(recorded("B01"), "W" * 300),
    "markup": lambda: hostile(recorded("B01"), TEXTS[2]),
}

CONTRAST = """
(() => {
  const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
  const linear = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  const light = ([r, g, b]) => 0.2126 * linear(r / 255) + 0.7152 * linear(g / 255) + 0.0722 * linear(b / 255);
  const behind = (e) => {
    for (; e; e = e.parentElement) {
      const c = rgb(getComputedStyle(e).backgroundColor);
      if (c.length < 4 || c[3] === 1) return c;
      if (c[3] !== 0) return null;
    }
    return null;
  };
  const out = [];
  let seen = 0;
  for (const e of document.querySelectorAll("body *")) {
    if (!Array.from(e.childNodes).some((n) => n.nodeType === 3 && n.data.trim()) || !e.checkVisibility()) continue;
    const style = getComputedStyle(e);
    const back = behind(e);
    if (e.closest("script") || back === null) continue;
    seen += 1;
    const [a, b] = [light(rgb(style.color)), light(back)].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) >= 4.5 && style.opacity === "1") continue;
    out.push(`${e.tagName}.${e.className}: ${style.color} on ${back}`);
  }
  return [seen, Array.from(new Set(out))];
})()
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as found:
        yield found


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    found = browser.page()
    found.emulate(1280, 900)
    yield found
    found.close()


def shown(page: Page, folder: Path, trace: Trace, after: str = "") -> Page:
    """The page with the report of a trace, which the browser has nothing to say against."""
    file = folder / "report.html"
    file.write_text(render(trace), encoding="utf-8")
    page.open(file.as_uri() + after)
    assert page.complaints == []
    assert [r.partition("#")[0] for r in page.requests] == [file.as_uri()]
    return page


def at(page: Page) -> int:
    """The step that is shown, after a look at all that says so."""
    steps = page.evaluate("Array.from(document.querySelectorAll('#details > article')).flatMap((a, i) => a.hidden ? [] : [i])")
    assert len(steps) == 1
    (step,) = steps
    rows = "Array.from(document.querySelectorAll('.film .row'))"
    assert page.evaluate(f"{rows}.flatMap((r, i) => r.classList.contains('at') ? [i] : [])") == steps
    assert page.evaluate(f"{rows}.flatMap((r, i) => r.querySelector('[aria-current=step]') ? [i] : [])") == steps
    assert page.evaluate("document.getElementById('slider').value") == str(step)
    assert page.evaluate("document.getElementById('count').textContent").startswith(f"{step} of ")
    assert page.evaluate("document.querySelectorAll('.drawn').length") == 1
    assert isinstance(step, int)
    return step


def open_cells(page: Page) -> None:
    """Unfold the table of all cells; it is filled when the browser says that it is open, which takes a moment."""
    page.evaluate(
        "new Promise((done) => { const cells = document.querySelector('.cells');"
        " cells.addEventListener('toggle', done, {once: true}); cells.querySelector('summary').click(); })"
    )


def texts(page: Page, selector: str) -> list[str]:
    found = page.evaluate(f"Array.from(document.querySelectorAll({json.dumps(selector)})).map((e) => e.textContent)")
    assert isinstance(found, list)
    return found


def test_keys_buttons_slider_rows_and_links_walk_through_the_steps(page: Page, tmp_path: Path) -> None:
    shown(page, tmp_path, recorded("B02"))
    assert at(page) == 13  # the step that broke the clause
    for keys, step in (
        (["Home"], 0), (["ArrowRight"], 1), (["j", "j"], 3), (["k"], 2), (["ArrowLeft"], 1), (["k", "k", "k"], 0),
        (["End"], 13), (["ArrowRight", "j"], 13),
    ):  # fmt: skip
        page.press(*keys)
        assert at(page) == step
        assert page.evaluate("location.hash") == f"#step={step}"
    for button, step in (("#first", 0), ("#back", 0), ("#on", 1), ("#on", 2), ("#back", 1), ("#last-step", 13), ("#on", 13)):
        page.click(button)
        assert at(page) == step
    page.click(".film .row:nth-child(9) .box")
    assert at(page) == 8
    page.click(".film .row:nth-child(5) .no")
    assert at(page) == 4
    page.click("#needs a[href='#step=1']")
    assert at(page) == 1
    page.evaluate("slider.value = 5; slider.dispatchEvent(new Event('input'))")
    assert at(page) == 5
    page.evaluate("slider.focus()")
    page.press("ArrowRight")
    assert at(page) == 6
    page.press("Home")
    assert at(page) == 0


def test_the_address_keeps_the_step(page: Page, tmp_path: Path) -> None:
    shown(page, tmp_path, recorded("B02"), "#step=6")
    assert at(page) == 6
    assert page.evaluate("document.querySelector('.row.at').getBoundingClientRect().bottom < innerHeight")
    page.evaluate("new Promise((done) => { addEventListener('hashchange', done, {once: true}); location.hash = '#step=9'; })")
    assert at(page) == 9


@pytest.mark.parametrize(("hash", "step"), [("#step=999999999", 13), ("#step=x", 13), ("#<img src=x>", 13), ("#step=0", 0)])
def test_an_address_that_makes_no_sense_does_no_harm(page: Page, tmp_path: Path, hash: str, step: int) -> None:
    shown(page, tmp_path, recorded("B02"), hash)
    assert at(page) == step


def test_keys_can_be_switched_off_and_do_not_disturb_who_types(page: Page, tmp_path: Path) -> None:
    shown(page, tmp_path, recorded("B02"), "#step=5")
    open_cells(page)
    page.click(".cells input[type=search]")
    page.press("j", "k", "Home", "ArrowLeft")
    assert at(page) == 5
    assert page.evaluate("document.querySelector('.cells input').value") == "jk"
    page.evaluate("document.activeElement.blur()")
    page.click("#keys")
    page.press("j", "ArrowRight", "End")
    assert at(page) == 5
    page.click("#keys")
    page.press("j")
    assert at(page) == 6


def test_each_state_is_drawn_with_what_has_changed(page: Page, tmp_path: Path) -> None:
    trace = recorded("B02")
    shown(page, tmp_path, trace, "#step=0")
    for i, picture in enumerate(trace.pictures):
        assert at(page) == i
        (strip,) = [p for p in picture if isinstance(p, Strip)]
        (old,) = [p for p in trace.pictures[max(i - 1, 0)] if isinstance(p, Strip)]
        cells = ".drawn .step-pair:last-child .strip i"
        assert texts(page, cells) == [f"{b.mark.strip()}{n}" for n, b in enumerate(strip.blocks)]
        changed = page.evaluate(f"Array.from(document.querySelectorAll('{cells}')).map((e) => e.classList.contains('c'))")
        assert changed == [a != b for a, b in zip(strip.blocks, old.blocks, strict=True)]
        assert len(texts(page, ".drawn .step-pair")) == 1 + any(changed)
        owners = [b.owner for b in strip.blocks]
        runs = [owner for n, owner in enumerate(owners) if n == 0 or owners[n - 1] != owner]
        assert texts(page, ".drawn .step-pair:last-child .owner") == runs
        chains = {p.name: p.members for p in picture if isinstance(p, Chain)}
        before = {p.name: p.members for p in trace.pictures[max(i - 1, 0)] if isinstance(p, Chain)}
        drawn = page.evaluate(
            "Array.from(document.querySelectorAll('.drawn .chain')).map((c) => [c.querySelector('.name').textContent,"
            " Array.from(c.querySelectorAll('.node')).map((n) => [n.firstChild.data, n.className.trim()]),"
            " c.classList.contains('changed')])"
        )
        expected = []
        for name, members in chains.items():
            nodes = [[m, "node" if m in before[name] else "node added"] for m in members]
            nodes += [[m, "node gone"] for m in before[name] if m not in members]
            if nodes:
                expected.append([name, nodes, members != before[name]])
        assert drawn == expected
        page.press("j")


def test_all_cells_can_be_filtered_and_are_those_of_the_state(page: Page, tmp_path: Path) -> None:
    trace = recorded("B02")
    shown(page, tmp_path, trace, "#step=8")
    page.click("#ghosts")
    open_cells(page)
    rows = (
        "Array.from(document.querySelectorAll('.cells tbody tr')).filter((r) => r.checkVisibility())"
        ".map((r) => [r.cells[0].firstChild.data, r.cells[1].lastChild.data, r.classList.contains('changed')])"
    )
    states = list(trace.states())
    for step in (8, 11):
        while at(page) < step:
            page.press("j")
        changed = {c.cell for c in trace.steps[step - 1].changed}
        assert page.evaluate(rows) == [[k, inert(v), k in changed] for k, v in states[step].items()]
    page.click(".cells input[type=search]")
    for key in "mspans[2] free":
        page.press(key)
    matching = [k for k, v in states[11].items() if "mspans[2]" in f"{k} {v}" and "free" in f"{k} {v}".lower()]
    assert [r[0] for r in page.evaluate(rows)] == matching
    assert "mspans[2].state" in matching
    page.click(".cells input[type=checkbox]")
    assert [r[0] for r in page.evaluate(rows)] == [k for k in matching if k in {c.cell for c in trace.steps[10].changed}]
    page.evaluate(
        "document.querySelector('.cells input').value = ''; document.querySelector('.cells input[type=checkbox]').click()"
    )
    page.click("#ghosts")
    assert trace.cause is not None
    kept = {r.cell for r in trace.cause.reads}
    visible = [k for k in states[11] if k not in trace.ghosts or k in kept]
    assert [r[0] for r in page.evaluate(rows)] == visible
    assert texts(page, ".cells .tools .count") == [f"{len(visible)} shown"]
    page.click(".drawn .node")
    assert page.evaluate("document.querySelector('.cells input').value") == "mspans[2]"


def test_ghosts_are_hidden_until_asked_for(page: Page, tmp_path: Path) -> None:
    shown(page, tmp_path, recorded("B02"), "#step=2")
    visible = "Array.from(document.querySelectorAll('#detail-2 tr')).filter((r) => r.checkVisibility()).length"
    changed = recorded("B02").steps[1].changed
    assert page.evaluate(visible) == sum(not c.ghost for c in changed)
    page.click("#ghosts")
    assert page.evaluate(visible) == len(changed)


def test_all_steps_can_be_shown_at_once(page: Page, tmp_path: Path) -> None:
    shown(page, tmp_path, recorded("B02"), "#step=2")
    page.click("#every")
    assert page.evaluate("document.querySelectorAll('#details > article:not([hidden])').length") == 14
    page.press("j")
    page.click("#every")
    assert at(page) == 3


def test_calls_stay_folded_where_the_reader_folds_them(page: Page, tmp_path: Path) -> None:
    shown(page, tmp_path, recorded("B02"), "#step=2")
    assert page.evaluate("document.querySelector('#detail-2 .calls').open")
    page.click("#detail-2 .calls > summary")
    page.press("j")
    assert page.evaluate("document.querySelector('#detail-3 .calls').open") is False
    page.click("#detail-3 .calls > summary")
    page.press("j")
    assert page.evaluate("document.querySelector('#detail-4 .calls').open")


@pytest.mark.parametrize("run", RUNS)
def test_nothing_is_wider_than_a_narrow_window(page: Page, tmp_path: Path, run: str) -> None:
    page.emulate(400, 800)
    shown(page, tmp_path, RUNS[run]())
    for script in (
        "",
        "every.click()",
        "ghosts.click()",
        "document.querySelectorAll('details').forEach((d) => { d.open = true; })",
    ):
        page.evaluate(script)
        assert page.evaluate("document.documentElement.scrollWidth") <= 400


def test_lanes_become_a_list_in_a_narrow_window(page: Page, tmp_path: Path) -> None:
    shown(page, tmp_path, recorded("B02"))
    place = (
        "Array.from(document.querySelectorAll('.box:not(.start)')).map((b) => Math.round(b.getBoundingClientRect().x))"
        ".filter((x, i, all) => all.indexOf(x) === i).length"
    )
    hidden = "getComputedStyle(document.querySelector('.box .badge')).clipPath !== 'none'"
    assert page.evaluate(place) == 2
    assert page.evaluate(hidden)
    page.emulate(400, 800)
    assert page.evaluate(place) == 1
    assert page.evaluate(hidden) is False
    assert page.evaluate("Array.from(document.querySelectorAll('.box')).every((b) => b.offsetWidth > 300)")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("run", ["recorded", "deadlock", "lasso", "made"])
def test_every_text_stands_out_from_what_is_behind_it(page: Page, tmp_path: Path, run: str, dark: bool) -> None:
    page.emulate(1280, 900, dark=dark)
    shown(page, tmp_path, RUNS[run]())
    page.evaluate("every.click(); ghosts.click(); document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    seen, weak = page.evaluate(CONTRAST)
    assert seen > 100
    assert weak == []
    dark_page = page.evaluate("getComputedStyle(document.body).backgroundColor").startswith("rgb(20,")
    assert dark_page == dark


def test_focus_can_be_seen_on_everything_that_takes_it(page: Page, tmp_path: Path) -> None:
    shown(page, tmp_path, recorded("B02"))
    page.evaluate("document.body.focus()")
    seen = []
    for _ in range(30):
        page.press("Tab")
        tag, style, width, seen_as = page.evaluate(
            "(() => { const e = document.activeElement; const s = getComputedStyle(e);"
            " return [e.tagName, s.outlineStyle, parseFloat(s.outlineWidth), e.id || e.className]; })()"
        )
        if tag == "BODY":
            break
        seen.append(seen_as)
        assert (style, width >= 2) in (("solid", True), ("auto", True)), seen_as
    assert {"skip", "first", "back", "on", "last-step", "slider", "every", "keys", "ghosts", "film scroll"} <= set(seen)
    assert sum(s.startswith("box") for s in seen) == 1  # of the rows one, and keys walk on from there


def test_who_does_not_see_the_page_hears_it(page: Page, tmp_path: Path) -> None:
    shown(page, tmp_path, recorded("B02"), "#step=12")
    page.press("j")
    assert texts(page, "#live") == [
        "Step 13 scavenger scavenge(now=255, limit=0). P9 is broken here: not empty. 5 cells changed."
    ]
    nodes = page.accessible()
    named = [(n["role"]["value"], n.get("name", {}).get("value", "")) for n in nodes]
    roles = {role for role, _ in named}
    assert {"banner", "main", "heading", "region", "list", "listitem", "table", "article", "slider", "status"} <= roles
    unnamed = [
        n
        for n in named
        if n[0] in ("button", "link", "slider", "checkbox", "img", "image", "searchbox", "article") and not n[1]
    ]
    assert unnamed == []
    buttons = {name for role, name in named if role == "button"}
    assert {"Initial state", "Previous step", "Next step", "Last state"} <= buttons
    links = [name for role, name in named if role == "link"]
    assert any(name.startswith("mutator alloc") and "waits for the lock" in name for name in links)
    pictures = [name for role, name in named if role in ("img", "image")]
    assert "pages: 0 in use, dirty, mspans[0]; 1 free, dirty, mspans[2]; 2 to 3 in use, dirty, mspans[1]" in pictures
    assert page.evaluate("slider.ariaValueText") == "step 13 of 13"


@pytest.mark.parametrize("text", TEXTS, ids=lambda t: repr(t[:24]))
def test_hostile_text_is_shown_and_does_nothing(page: Page, tmp_path: Path, text: str) -> None:
    trace = hostile(recorded("B01"), text)
    shown(page, tmp_path, trace)
    open_cells(page)
    page.press("Home", *(["j"] * len(trace.steps)))
    page.click(".drawn .node")
    assert page.evaluate("typeof window.pwned") == "undefined"
    assert page.evaluate("document.querySelectorAll('img, iframe, object, embed, link, body style').length") == 0
    assert page.evaluate("document.querySelectorAll('script').length") == 2
    assert texts(page, "h1 em") == [inert(trace.clause)]
    cells = [inert(cell) for cell, _ in trace.initial]
    assert page.evaluate("Array.from(document.querySelectorAll('.cells th')).map((c) => c.firstChild.data)") == cells
    assert page.complaints == []


def test_whatever_gets_into_the_page_cannot_run_or_load(page: Page, tmp_path: Path) -> None:
    shown(page, tmp_path, recorded("B01"))
    asked = len(page.requests)
    page.evaluate(
        "const s = document.createElement('script'); s.textContent = 'window.pwned = 1'; document.body.append(s);"
        "const b = document.createElement('button'); b.setAttribute('onclick', 'window.pwned = 2');"
        "document.body.append(b); b.click();"
        "const i = document.createElement('img'); i.src = 'http://127.0.0.1:9/x.png'; document.body.append(i);"
        "fetch('http://127.0.0.1:9/y').catch(() => 0)"
    )
    assert page.evaluate("typeof window.pwned") == "undefined"
    refusals = [c for c in page.complaints if "Content Security Policy" in c]
    assert len(refusals) >= 4, page.complaints
    assert not [r for r in page.requests[asked:] if r.startswith("http") and r not in page.refused]


def test_without_a_script_the_report_can_be_read(page: Page, tmp_path: Path) -> None:
    trace = recorded("B02")
    page.emulate(1280, 900, script=False)
    shown(page, tmp_path, trace)
    said = page.evaluate("document.body.innerText")
    assert trace.cause is not None
    for text in ("scavenger safety: not empty", trace.cause.sentence, "Last state (13)", trace.command):
        assert text in said
    assert page.evaluate("Array.from(document.querySelectorAll('article')).every((a) => a.checkVisibility())")
    assert page.evaluate("document.querySelector('.stepper').checkVisibility()") is False
    for s in trace.steps:
        shown_changes = page.evaluate(f"document.getElementById('detail-{s.index}').innerText")
        for c in s.changed:
            if not c.ghost:
                assert c.cell.rpartition(".")[2] in shown_changes


def test_on_paper_all_steps_are_there_and_no_controls(page: Page, tmp_path: Path) -> None:
    shown(page, tmp_path, recorded("B02"))
    page.emulate(800, 900, dark=True, paper=True)
    assert page.evaluate("Array.from(document.querySelectorAll('article')).every((a) => a.checkVisibility())")
    assert page.evaluate("document.querySelector('.controls').checkVisibility()") is False
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("document.querySelector('.film').scrollHeight <= document.querySelector('.film').clientHeight")


@pytest.mark.parametrize("run", ["deadlock", "lasso"])
def test_a_run_without_pictures_can_be_walked_through(page: Page, tmp_path: Path, run: str) -> None:
    shown(page, tmp_path, RUNS[run]())
    assert at(page) == 2
    page.press("Home")
    assert at(page) == 0
    assert texts(page, ".drawn > *") == []


def test_a_long_run_over_much_memory_stays_in_its_box(page: Page, tmp_path: Path) -> None:
    trace = made(300, 64, 5)
    shown(page, tmp_path, trace)
    assert at(page) == 300
    assert page.evaluate("document.querySelectorAll('.film .strip i').length") == 301 * 64
    box = "document.querySelector('.film')"
    assert page.evaluate(f"{box}.clientHeight < innerHeight && {box}.scrollHeight > 5000")
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    row = "document.querySelector('.row.at').getBoundingClientRect()"
    within = f"{row}.top >= {box}.getBoundingClientRect().top && {row}.bottom <= {box}.getBoundingClientRect().bottom + 1"
    for key, step in (("Home", 0), ("j", 1), ("End", 300), ("k", 299)):
        page.press(key)
        assert at(page) == step
        page.drawn()
        assert page.evaluate(within)
