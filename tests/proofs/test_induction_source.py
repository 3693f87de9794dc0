"""The induction is about the installed spec: its conditions and its cached results follow the source files."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import proofs.cache
from proofs import sources
from proofs.heaps import spec_with
from proofs.induction.conditions import keeps
from proofs.induction.operations import SCAVENGE_SPAN
from proofs.kernel import Problem
from spec.language import Edit

CLAIMS = ("keeps_free_span", "rounding_down")


def text(problem: Problem) -> list[tuple[str, ...]]:
    """Each condition, with the goal and the facts in full; terms are printed once."""
    printed: dict[int, str] = {}

    def of(term: Any) -> str:
        if term.get_id() not in printed:
            printed[term.get_id()] = term.sexpr()
        return printed[term.get_id()]

    return [(c.name, of(c.goal), *map(of, c.given)) for c in problem.conditions]


def test_the_source_that_is_executed_is_the_file() -> None:
    spec = spec_with()
    assert Path(spec.directory) == sources.ROOT / "spec"
    for name in ("alloc", "free", "grow", "scavenge", "lists", "table"):
        assert spec.sources[name] == (sources.ROOT / "spec" / f"{name}.py").read_text()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("end <= start", "end < start"),
        ("s.npreleased = length >> sys.page_shift", "s.npreleased = released >> sys.page_shift"),
        ("h.memstats.heap_released += released", "h.memstats.heap_released += length"),
        ("u64(now - s.unusedsince) > limit", "u64(now - s.unusedsince) >= limit"),
    ],
)
def test_a_changed_line_changes_conditions(old: str, new: str) -> None:
    assert text(keeps(SCAVENGE_SPAN, (Edit("scavenge.scavenge_span", old, new),))) != text(keeps(SCAVENGE_SPAN))


@pytest.mark.slow
def test_another_name_of_a_local_changes_nothing() -> None:
    source = spec_with().sources["scavenge"]
    line = next(x.strip() for x in source.splitlines() if x.strip().startswith("length: Uintptr"))
    assert text(keeps(SCAVENGE_SPAN, (Edit("scavenge.scavenge_span", line, line + "  # the same"),))) == text(
        keeps(SCAVENGE_SPAN)
    )


def test_a_cached_result_has_another_name_when_a_file_of_the_spec_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for package in sources.OURS:
        shutil.copytree(sources.ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(sources, "of_claim", partial(sources.of_claim, root=tmp_path))
    monkeypatch.setattr(sources, "ROOT", tmp_path)

    def keys() -> list[str]:
        sources.read.cache_clear()
        return [proofs.cache.key(claim, ()) for claim in CLAIMS]

    before = keys()
    assert keys() == before
    for name in ("lists.py", "environment/os.py"):
        file = tmp_path / "spec" / name
        old = file.read_text()
        file.write_text(old + "\n# A line more.\n")
        assert all(a != b for a, b in zip(keys(), before, strict=True))
        file.write_text(old)
    assert keys() == before
    sources.read.cache_clear()
