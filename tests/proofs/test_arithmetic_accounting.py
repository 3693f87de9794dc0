"""The claims about heap_released hold as stated, and notice planted bugs."""

from __future__ import annotations

import ast
from functools import partial
from pathlib import Path

import pytest
from arithmetic_rig import holds_as_stated, is_refused, named

import spec
from proofs.arithmetic.accounting import taking
from proofs.arithmetic.scavenger import scavenger, share
from spec.language import Edit

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", named("released"))
def test_each_claim_has_the_verdict_that_it_states(name: str) -> None:
    holds_as_stated(name)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("heap_released -= s.npreleased << sys.page_shift", "heap_released -= s.npages << sys.page_shift"),
        ("heap_released -= s.npreleased << sys.page_shift", "heap_released -= s.npreleased"),
        ("        s.npreleased = 0\n", ""),
        ("if s.npreleased > 0:", "if s.npreleased > 1:"),
    ],
)
def test_the_claim_about_allocation_notices_wrong_books(old: str, new: str) -> None:
    is_refused(partial(taking, (Edit("alloc.alloc_span_locked", old, new),)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("heap_released += released", "heap_released += length"),
        ("s.npreleased = length >> sys.page_shift", "s.npreleased = s.npages"),
        ("s.npreleased = length >> sys.page_shift", "s.npreleased = released >> sys.page_shift"),
    ],
)
def test_the_claim_about_the_scavenger_notices_wrong_books(old: str, new: str) -> None:
    edit = Edit("scavenge.scavenge_span", old, new)
    is_refused(partial(scavenger, (edit,), conditions=share))


def test_only_the_scavenger_and_allocation_store_to_heap_released() -> None:
    writers = set()
    for file in Path(spec.__file__).parent.rglob("*.py"):
        for function in (n for n in ast.walk(ast.parse(file.read_text())) if isinstance(n, ast.FunctionDef)):
            for node in (n for n in ast.walk(function) if isinstance(n, ast.Attribute)):
                if node.attr == "heap_released" and isinstance(node.ctx, ast.Store):
                    writers.add(function.name)
    assert writers == {"scavenge_span", "alloc_span_locked"}
