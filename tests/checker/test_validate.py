"""`checker validate` on small real logs: matched to the end, or refused at the first wrong event with the reason."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from tamper import CONTROL, DATA

from checker.errors import LanguageError
from checker.load import load
from checker.load.instrument import replace
from checker.validate import render, validate
from checker.validate.log import Log, read
from checker.validate.replay import Validator
from spec.language import Edit

BAD = DATA / "f_script-64k-p1-bad1.jsonl.gz"


@pytest.fixture(scope="module")
def validator() -> Validator:
    return Validator(load())


@pytest.mark.parametrize(("name", "events"), [("f_script-4k-p1", 882), ("f_script-64k-p1", 883)])
def test_a_log_of_the_real_heap_matches_to_its_last_event(name: str, events: int) -> None:
    verdict = validate(DATA / f"{name}.jsonl.gz")
    assert (verdict.verdict, verdict.matched, verdict.events, verdict.first_refused) == ("ok", events, events, None)


def test_a_log_that_is_not_gzipped_gives_the_same_verdict(tmp_path: Path) -> None:
    plain = tmp_path / "log.jsonl"
    plain.write_bytes(gzip.decompress(CONTROL.read_bytes()))
    assert validate(plain).verdict == "ok"


def test_the_reversed_scavenger_is_refused_where_it_first_releases_too_much() -> None:
    verdict = validate(BAD)
    assert verdict.verdict == "refused"
    assert verdict.matched == 466
    assert verdict.first_refused == {
        "seq": 466,
        "event": "scav_span",
        "field": "ev",
        "expected": "scav_skip",
        "seen": "scav_span",
    }
    assert [e["seq"] for e in verdict.context] == [460, 461, 462, 463, 464, 465]


def test_the_text_names_the_event_the_field_and_what_came_before() -> None:
    text = render(validate(BAD))
    assert "466 of 883 events matched" in text
    assert "event 466 (scav_span), field ev: expected scav_skip, seen scav_span" in text
    assert "465 m0 scav_begin k=-1 now=max limit=0" in text


def test_the_bad_log_matches_the_spec_of_the_heap_that_made_it() -> None:
    reversed_test = Edit("scavenge.scavenge_span", "if end <= start:", "if start <= end:")
    assert validate(BAD, edits=[reversed_test]).matched > 466


@pytest.mark.parametrize(
    ("function", "old", "new", "event", "field"),
    [
        ("alloc.alloc_span_locked", "False, False, s.unusedsince)", "False, False, 0)", "free", "unused_arg"),
        ("alloc.alloc_span_locked", "t.needzero = s.needzero", "t.needzero = 0", "free", "needzero"),
        ("free.free_list", "if npages < sys.max_mheap_list:", "if npages < 100:", "alloc", "list"),
        ("grow.grow", "h.pages_in_use += s.npages", "h.pages_in_use += 0", "grow", "st.pages_in_use"),
        ("table.map_spans", "round_up(n, sys.phys_page_size)", "round_up(n, sys.page_size)", "grow", "st.spans_mapped"),
    ],
)
def test_a_spec_that_behaves_otherwise_refuses_a_real_log(function: str, old: str, new: str, event: str, field: str) -> None:
    bad = validate(CONTROL, edits=[Edit(function, old, new)]).first_refused
    assert bad is not None
    assert (bad["event"], bad["field"]) == (event, field)


def test_a_heap_that_throws_refuses_the_event_that_the_log_shows(validator: Validator) -> None:
    edit = Edit("free.free_span_locked", "s.alloc_count != 0 or s.sweepgen != h.sweepgen", "s.npages > 0")
    verdict = validate(CONTROL, edits=[edit])
    assert verdict.first_refused is not None
    assert "throw" in verdict.first_refused["expected"]


def test_a_header_that_contradicts_init_is_refused(validator: Validator) -> None:
    log = read(CONTROL)
    verdict = validator.judge(Log(log.path, {**log.header, "arena_end": "0x1"}, log.events))
    assert verdict.first_refused is not None
    assert (verdict.first_refused["event"], verdict.first_refused["field"]) == ("init", "arena_end")


def test_a_header_of_another_heap_is_refused_before_the_first_event(validator: Validator) -> None:
    log = read(CONTROL)
    verdict = validator.judge(Log(log.path, {**log.header, "page_size": 4096}, log.events))
    assert verdict.first_refused == {"seq": None, "event": "header", "field": "page_size", "expected": 8192, "seen": 4096}
    assert json.dumps(verdict.first_refused)


def test_a_log_that_ends_inside_a_section_is_refused(validator: Validator) -> None:
    log = read(CONTROL)
    verdict = validator.judge(Log(log.path, log.header, log.events[:-1]))
    assert verdict.first_refused == {"seq": 882, "event": "end of log", "field": "ev", "expected": "snap_end", "seen": "absent"}


def test_one_validator_judges_logs_independently(validator: Validator) -> None:
    good, bad = read(CONTROL), read(BAD)
    assert [validator.judge(x).matched for x in (good, bad, good)] == [883, 466, 883]


def test_a_replaced_function_is_replaced_in_every_module_that_binds_it() -> None:
    spec, calls = load(), []
    replace(spec, "free.free_span_locked", lambda original: lambda *args: calls.append(original))
    for module in ("free", "alloc", "grow"):
        spec.modules[module].free_span_locked()
    assert len(calls) == 3


def test_watching_a_function_that_the_spec_lacks_is_an_error() -> None:
    with pytest.raises(LanguageError, match=r"free\.no_such"):
        replace(load(), "free.no_such", lambda original: original)
