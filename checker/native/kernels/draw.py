"""Drawing at random, with SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): the same numbers as a kernel and as plain Python.

What could exceed a word is cut to one, so that this file can be executed as it stands; natively that costs nothing.
"""

from __future__ import annotations

from checker.native.kernels.language import Word, kernel

ALL = (1 << 64) - 1
_STEP = 0x9E3779B97F4A7C15
_FIRST, _SECOND = 0xBF58476D1CE4E5B9, 0x94D049BB133111EB


@kernel
def started(seed: Word, walk: Word) -> Word:
    """Where the numbers for one walk begin: the walks of a seed, and equal walks of two seeds, all begin elsewhere."""
    return scrambled((scrambled(seed) + walk) & ALL)


@kernel
def advanced(random: Word) -> Word:
    """The generator's next state."""
    return (random + _STEP) & ALL


@kernel
def picked(random: Word, count: Word) -> Word:
    """A number below ``count``, from a state of the generator.

    It is the upper half of a product of 32 bits each, so none is favoured by more than ``count`` in 2**32; ``count`` is at
    most 2**32.
    """
    return ((scrambled(random) >> 32) * count) >> 32


@kernel
def scrambled(word: Word) -> Word:
    """A word of which each bit depends on each bit of the given one; different words stay different."""
    word = ((word ^ (word >> 30)) * _FIRST) & ALL
    word = ((word ^ (word >> 27)) * _SECOND) & ALL
    return word ^ (word >> 31)
