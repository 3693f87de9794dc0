"""Fingerprints: words folded by full products, after Wang Yi's wyhash."""

from __future__ import annotations

from checker.native.kernels.language import Word, kernel, mulhi, u64

_A = 0xA0761D6478BD642F
_B = 0xE7037ED1A0B428DB
_C = 0x8EBC6AF09C88C6E3

SEED, SECOND_SEED = 0x589965CC75374CC3, 0x1D8E4E27C47D124F


@kernel
def mix(a: Word, b: Word) -> Word:
    """Both halves of a product in one word."""
    return (a * b) ^ mulhi(a, b)


@kernel
def fingerprint(state: Word, words: Word, seed: Word) -> Word:
    """64 bits that differ between two states but for an accident; never 0."""
    h = seed
    at = state
    end = state + 16 * (words // 2)
    while at < end:
        h = mix(u64[at] ^ _A, u64[at + 8] ^ h)
        at += 16
    if words & 1:
        h = mix(u64[at] ^ _B, h ^ _C)
    h = mix(h ^ _C, words ^ _A)
    return h if h else 1
