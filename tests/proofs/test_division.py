"""The claims about division by object sizes and interior pointers hold as stated, and notice planted bugs."""

from __future__ import annotations

from functools import partial

import pytest
from arithmetic_rig import named, verdict

import proofs
from proofs.arithmetic.division import EXACT, MULTIPLIED, multiplications, words
from proofs.arithmetic.objects import interior
from spec.language import Edit
from spec.size_classes import CLASS_TO_DIV_MUL, CLASS_TO_DIV_SHIFT, CLASS_TO_DIV_SHIFT2, CLASS_TO_SIZE

pytestmark = pytest.mark.slow

MAGIC, INDEX, BASE, LOOKUP = "size_classes.compute_div_magic", "division.obj_index", "division.object_base", "table.mlookup"


@pytest.mark.slow
@pytest.mark.parametrize("name", [*named("division"), *named("mlookup")])
def test_each_claim_has_the_verdict_that_it_states(name: str) -> None:
    (result,) = proofs.prove([name])
    assert result.ok, result.detail
    assert result.conditions > 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("function", "old", "new"),
    [
        (MAGIC, "odd - 1) // odd, shift2", "odd - 1) // odd - 1, shift2"),
        (MAGIC, "odd, shift2, base_mask", "odd, shift2 - 1, base_mask"),
        (MAGIC, "return shift, ", "return shift + 1, "),
        (INDEX, "        return 0", "        return 1"),
        (INDEX, ") >> s.div_shift2", ") >> s.div_shift"),
        (BASE, "index * s.elemsize", "index * s.div_shift2"),
        (BASE, ">= s.elemsize", "> s.elemsize"),
    ],
)
def test_a_wrong_multiplication_is_not_proved(function: str, old: str, new: str) -> None:
    result = verdict(partial(multiplications, (Edit(function, old, new),)))
    assert result.verdict == "not proved"
    assert "does not follow" in result.detail


@pytest.mark.slow
@pytest.mark.parametrize(
    ("function", "old", "new"),
    [
        (MAGIC, "2**64 - size if", "2**64 - size // 2 if"),
        (INDEX, "return byte_offset >> s.div_shift", "return byte_offset >> s.div_shift + 1"),
        (BASE, "u64(base - s.start_addr) >> s.div_shift", "u64(base - s.start_addr) >> s.div_shift2"),
        (BASE, "u64(p - base) & s.base_mask", "p & s.base_mask"),
    ],
)
def test_a_wrong_mask_is_not_proved(function: str, old: str, new: str) -> None:
    result = verdict(partial(words, (Edit(function, old, new),)))
    assert result.verdict == "not proved"
    assert "does not follow" in result.detail


@pytest.mark.slow
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("u64(v - p) // n", "u64(v - p) // n + 1"),
        ("u64(v - p) // n", "v // n"),
        ("True, p, s.npages << sys.page_shift", "True, p, s.npages"),
        ("u64(i * n)", "i"),
        ("n, s\n", "n, None\n"),
    ],
)
def test_a_wrong_interior_pointer_is_not_proved(old: str, new: str) -> None:
    result = verdict(partial(interior, (Edit(LOOKUP, old, new),)))
    assert result.verdict == "not proved"
    assert "does not follow" in result.detail


def test_the_bound_of_exactness_is_the_least_over_all_classes() -> None:
    least = []
    for c in MULTIPLIED:
        shift, mul, shift2 = CLASS_TO_DIV_SHIFT[c], CLASS_TO_DIV_MUL[c], CLASS_TO_DIV_SHIFT2[c]
        odd = CLASS_TO_SIZE[c] >> shift
        error = mul * odd - (1 << shift2)
        first = -(-(1 << shift2) // error)  # then the last multiple's predecessor is rounded up
        first += (-1 - first) % odd
        least.append(min(first, -(-(1 << 64) // mul)) << shift)
    assert min(least) == EXACT
