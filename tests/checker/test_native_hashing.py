"""Fingerprints: no collision where states are structured, each bit matters, and none is 0."""

from __future__ import annotations

import ctypes
import random
from collections.abc import Callable, Iterable, Iterator
from itertools import combinations, product

import pytest

from checker.native.jit import QUICK, Code
from checker.native.kernels.compiler import print_kernels
from checker.native.kernels.hashing import SECOND_SEED, SEED, fingerprint

ALL = (1 << 64) - 1
Hash = Callable[..., int]


@pytest.fixture(scope="module")
def native() -> Iterator[Hash]:
    """The fingerprint of words."""
    code = Code(print_kernels([fingerprint]), QUICK)
    function = ctypes.CFUNCTYPE(ctypes.c_uint64, *[ctypes.c_uint64] * 3)(code.address("fingerprint"))

    def hashed(words: Iterable[int], seed: int = SEED) -> int:
        given = list(words)
        memory = (ctypes.c_uint64 * max(len(given), 1))(*given)
        return function(ctypes.addressof(memory), len(given), seed)

    yield hashed
    del code


def mix(a: int, b: int) -> int:
    return (a * b & ALL) ^ (a * b >> 64)


def reference(words: list[int], seed: int) -> int:
    """The same in exact integers."""
    a, b, c = 0xA0761D6478BD642F, 0xE7037ED1A0B428DB, 0x8EBC6AF09C88C6E3
    h = seed
    for i in range(0, len(words) - 1, 2):
        h = mix(words[i] ^ a, words[i + 1] ^ h)
    if len(words) % 2:
        h = mix(words[-1] ^ b, h ^ c)
    return mix(h ^ c, len(words) ^ a) or 1


@pytest.mark.parametrize("seed", [SEED, SECOND_SEED, 0, ALL])
def test_native_computes_the_formula(native: Hash, seed: int) -> None:
    rng = random.Random(1)
    for n in range(40):
        words = [rng.choice([0, 1, ALL, rng.getrandbits(64)]) for _ in range(n)]
        assert native(words, seed) == reference(words, seed)


def structured() -> Iterator[tuple[int, ...]]:
    """States as searches meet them: nearly all alike, small numbers in bytes, few bits set, of several lengths."""
    for n in range(1, 30):
        yield (0,) * n
        yield (ALL,) * n
    for n in (3, 4, 21, 22):
        for i, j in combinations(range(n * 8), 2):
            for a, b in ((1, 1), (1, 2), (255, 1)):
                state = bytearray(8 * n)
                state[i], state[j] = a, b
                yield tuple(int.from_bytes(state[k : k + 8], "little") for k in range(0, 8 * n, 8))
    for cells in product(range(3), repeat=9):
        yield (int.from_bytes(bytes(cells[:8]), "little"), cells[8], 7)


def test_structured_states_do_not_collide(native: Hash) -> None:
    """Not even in 48 bits by more than chance allows, from either end of the word."""
    states = set(structured())
    assert len(states) > 80_000
    for seed in (SEED, SECOND_SEED):
        prints = [native(s, seed) for s in states]
        assert 0 not in prints
        assert len(set(prints)) == len(states)
        pairs = len(states) ** 2 / 2
        for part in (lambda h: h >> 16, lambda h: h & (1 << 48) - 1):
            assert len(states) - len(set(map(part, prints))) < 5 + 20 * pairs / 2**48


def test_both_seeds_tell_apart_independently(native: Hash) -> None:
    states = sorted(set(structured()))[::50]
    agreeing = [(native(s, SEED) ^ native(s, SECOND_SEED)).bit_count() for s in states]
    assert 30 < sum(agreeing) / len(agreeing) < 34


@pytest.mark.parametrize("length", [1, 2, 3, 8, 21])
def test_each_bit_of_a_state_turns_half_of_the_fingerprint(native: Hash, length: int) -> None:
    rng = random.Random(2)
    turned = [0] * 64
    tried = 0
    for _ in range(300):
        words = [rng.choice([0, rng.getrandbits(4), rng.getrandbits(64)]) for _ in range(length)]
        bit = rng.randrange(64 * length)
        other = [*words]
        other[bit // 64] ^= 1 << bit % 64
        difference = native(words) ^ native(other)
        assert 8 < difference.bit_count() < 56
        turned = [t + (difference >> i & 1) for i, t in enumerate(turned)]
        tried += 1
    assert all(0.35 * tried < t < 0.65 * tried for t in turned)


def test_order_and_length_matter(native: Hash) -> None:
    assert len({native(w) for w in ([1, 2], [2, 1], [1, 2, 0], [0, 1, 2], [1, 0, 2], [1, 2, 0, 0], [1], [1, 0], [])}) == 9


def test_no_fingerprint_is_zero(native: Hash) -> None:
    """States for which the formula itself gives 0 are told as 1: the word that makes one factor of the last product 0."""
    assert native([], 0x8EBC6AF09C88C6E3) == 1
    assert reference([], 0x8EBC6AF09C88C6E3) == 1
