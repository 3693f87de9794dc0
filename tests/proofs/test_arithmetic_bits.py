"""The claims about mark bits, free slots and specials hold as stated, and notice planted bugs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from arithmetic_rig import named, verdict

import proofs
from proofs.arithmetic.alloc_bits import fast, scanning
from proofs.arithmetic.mark_bits import MOST, bits_of
from proofs.arithmetic.specials import offsets
from proofs.kernel import Problem
from spec.language import Edit
from spec.size_classes import CLASS_TO_PAGES, CLASS_TO_SIZE

pytestmark = pytest.mark.slow

NEW, ARENA = "mark_bits.new_mark_bits", "mark_bits.new_arena"
NEXT, FAST, REFILL, CTZ, IS_FREE = (
    f"alloc_bits.{name}" for name in ("next_free_index", "next_free_fast", "refill_alloc_cache", "ctz64", "is_free")
)
ADD, REMOVE = "specials.addspecial", "specials.removespecial"


@pytest.mark.slow
@pytest.mark.parametrize("name", [*named("mark_bits"), *named("alloc_bits"), *named("specials")])
def test_each_claim_has_the_verdict_that_it_states(name: str) -> None:
    (result,) = proofs.prove([name])
    assert result.ok, result.detail
    assert result.conditions > 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("build", "function", "old", "new"),
    [
        (bits_of, NEW, "nelems + 63", "nelems"),
        (bits_of, NEW, "blocks_needed * 8", "blocks_needed"),
        (bits_of, NEW, "> bits_length()", ">= bits_length()"),
        (bits_of, NEW, "> bits_length()", "> bits_length() + 8"),
        (bits_of, NEW, "m.next.free = m.next.free + bytes_needed", "m.next.free = m.next.free + nelems // 8"),
        (bits_of, NEW, "m.next.addr + bits_offset() + m.next.free", "m.next.addr + m.next.free"),
        (bits_of, ARENA, "result.free = 0", "result.free = 4"),
        (bits_of, ARENA, "m.free = result.next", "m.free = result"),
        (scanning, NEXT, "sfreeindex = u64(result + 1)", "sfreeindex = result"),
        (scanning, NEXT, "bit_index + 1", "bit_index"),
        (scanning, NEXT, " & ~(CACHE_BITS - 1)", ""),
        (scanning, NEXT, "sfreeindex % CACHE_BITS == 0 and", "sfreeindex == 0 and"),
        (scanning, NEXT, " and sfreeindex != snelems", ""),
        (scanning, NEXT, "if sfreeindex >= snelems", "if sfreeindex > snelems"),
        (scanning, NEXT, "if result >= snelems", "if result > snelems"),
        (scanning, REFILL, "~a_cache", "a_cache"),
        (scanning, REFILL, "which_byte + 7] << 56", "which_byte + 8] << 56"),
        (scanning, CTZ, "n + 8", "n + 9"),
        (fast, FAST, "freeidx % CACHE_BITS == 0 and", "freeidx == 0 and"),
        (fast, FAST, "if result < s.nelems", "if result <= s.nelems"),
        (fast, FAST, "result * s.elemsize", "freeidx * s.elemsize"),
        (fast, FAST, "the_bit + 1", "the_bit"),
        (fast, IS_FREE, "== 0", "!= 0"),
        (offsets, ADD, "& 0xFFFF", "& 0x7FFF"),
        (offsets, ADD, "if offset == x.offset and", "if"),
        (offsets, ADD, "return False", "return True"),
        (offsets, ADD, "t.next = s", "t.next = x"),
        (offsets, REMOVE, "offset == s.offset and kind == s.kind", "kind == s.kind and False"),
    ],
)
def test_a_wrong_function_is_not_proved(build: Callable[..., Problem], function: str, old: str, new: str) -> None:
    result = verdict(partial(build, (Edit(function, old, new),)))
    assert result.verdict == "not proved"
    assert "does not follow" in result.detail or "cannot occur" in result.detail


def test_every_size_class_fits_an_arena_many_times() -> None:
    most = max(n * 8192 // size for size, n in zip(CLASS_TO_SIZE[1:], CLASS_TO_PAGES[1:], strict=True))
    assert most == 1024
    assert 512 * most - 128 == MOST
