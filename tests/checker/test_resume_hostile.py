"""A checkpoint is data from outside: with whole checksums and impossible numbers it is refused before it is used."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from resume_rig import NEVER, ROUNDS, Case, Searches, files

from checker.errors import CheckerError, UnreadableInput
from checker.search import checkpoint_file
from checker.search.breadth_first import Limits
from checker.search.checkpoint_file import Saved
from checker.search.saving import Saving

Meta = dict[str, Any]


class Forge:
    """A checkpoint of a search in the midst of a level with violations behind it, and what is made of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.searches = Searches(Case("B12", go_on=True), "exact")
        with Saving(folder, self.searches.identity(), resume=False, every=NEVER) as saving:
            self.searches.run(saving=saving, rng=random.Random(3), limits=Limits(states=400))
        (self.path,) = files(folder)
        with Saved(self.path) as saved:
            self.identity = saved.identity
            self.meta: Meta = saved.meta
            self.sections = {name: bytearray(saved.size(name)) for name in ("table", "ordinals", "children", "states")}
            for name, buffer in self.sections.items():
                saved.read_into(name, buffer)
        assert self.meta["seen"]
        assert self.meta["level_at"]

    def resume(self, meta: Meta, **sections: bytes | bytearray | None) -> None:
        """Go on from a checkpoint with this meta, and with some sections exchanged or left out."""
        for file in files(self.folder):
            file.unlink()
        kept = {name: [data] for name, data in {**self.sections, **sections}.items() if data is not None}
        checkpoint_file.write(self.path, self.identity, meta, kept)
        with Saving(self.folder, self.searches.identity(), resume=True, every=NEVER) as saving:
            self.searches.run(saving=saving, limits=Limits(depth=self.meta["depth"] + 1))


@pytest.fixture(scope="module")
def forge(tmp_path_factory: pytest.TempPathFactory) -> Forge:
    return Forge(tmp_path_factory.mktemp("forged") / "c")


def change(**values: Any) -> Callable[[Meta], None]:
    return lambda meta: meta.update(values)


def longer(meta: Meta) -> None:
    """A level more, consistently."""
    more = 1 << 40
    meta["levels"] += [more]
    meta.update(depth=meta["depth"] + 1, level_count=more, states=meta["states"] + more, bits=40)


def wider(meta: Meta) -> None:
    """A next level of many states, consistently."""
    more = 1 << 50
    meta.update(following_count=meta["following_count"] + more, states=meta["states"] + more)


CHANGES: dict[str, tuple[Callable[[Meta], None], str]] = {
    "more states": (lambda m: change(states=m["states"] + 1)(m), "states, and"),
    "a following level that is not there": (wider, "in a visited set of"),
    "another size of the visited set": (lambda m: change(bits=m["bits"] + 1)(m), "its section 'table' has"),
    "a small visited set": (change(bits=0), r"a visited set of 2\*\*0"),
    "a huge visited set": (change(bits=10**9), r"a visited set of 2\*\*1000000000"),
    "expanded beyond the level": (lambda m: change(level_at=m["level_count"] + 1)(m), "are expanded, out of"),
    "a level more": (longer, "in a visited set of"),
    "no levels": (change(levels=[]), "first level"),
    "a depth of its own": (change(depth=1), "depth 1 and"),
    "negative": (change(level_at=-1), "level_at = -1"),
    "beyond a word": (change(transitions=1 << 64), "transitions = "),
    "no number": (change(level_at="7"), "level_at = '7'"),
    "a fraction": (change(states=400.5), "states = 400.5"),
    "a truth value": (change(following_count=True), "following_count = True"),
    "an endless number": (change(widest=1 << 63), "a block with"),
    "a missing number": (lambda m: m.pop("widest"), "another shape"),
    "a violation after no state": (change(seen=[[2, 1 << 30, 1 << 63]]), "a violation after state 1073741824 of level 2"),
    "a violation of no property": (change(seen=[[-1, -1, 0x7F << 32]]), "0x7f00000000, which this spec does not have"),
    "a throw of no place": (change(seen=[[-1, -1, (1 << 62) | 999999]]), "which this spec does not have"),
    "a violation beyond what is expanded": (lambda m: change(noted=[[1 << 63, m["level_at"] << 24]])(m), "a violation at"),
    "a clause that is not there": (change(noted=[[0xFFFFFFFF, 0]]), "which this spec does not have"),
    "more violations than are noted": (change(noted=[[1 << 63, 0]] * 257), "257 violations"),
    "violations of another shape": (change(noted="ab"), "another shape"),
    "too few counters": (change(counters=[[], [], [], []]), "counters other than"),
    "a counter that is none": (lambda m: m["counters"][0].__setitem__(0, 1 << 70), "a counter of"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_impossible_numbers_are_refused(name: str, forge: Forge) -> None:
    changed, message = CHANGES[name]
    meta = copy.deepcopy(forge.meta)
    changed(meta)
    with pytest.raises(UnreadableInput, match=message) as refused:
        forge.resume(meta)
    assert refused.value.exit_code == 150
    assert f"{forge.path} cannot be resumed: " in str(refused.value)


@pytest.mark.parametrize("name", ["table", "ordinals", "children", "states"])
def test_sections_of_another_size_are_refused(name: str, forge: Forge) -> None:
    data = forge.sections[name]
    for wrong in (None, b"", data[:-1], data + b"\0"):
        with pytest.raises(UnreadableInput, match=f"cannot be resumed: its section '{name}' has"):
            forge.resume(forge.meta, **{name: wrong})


def test_a_state_without_a_parent_is_refused(forge: Forge) -> None:
    with pytest.raises(UnreadableInput, match="a state without a parent"):
        forge.resume(forge.meta, children=bytes(len(forge.sections["children"])))


def test_the_checkpoint_itself_can_be_resumed(forge: Forge) -> None:
    forge.resume(forge.meta)


NUMBERS = (-1, 0, 1, 7, 255, 1 << 16, 1 << 31, 1 << 32, 1 << 40, 1 << 48, (1 << 63) - 1, 1 << 63, (1 << 64) - 1, 1 << 64)


def test_numbers_drawn_by_chance_are_refused_or_harmless(forge: Forge) -> None:
    rng = random.Random(7)
    refused = 0
    for _ in range(60 * ROUNDS):
        meta = copy.deepcopy(forge.meta)
        for _ in range(rng.choice((1, 1, 2))):
            place, key = rng.choice([*_places(meta)])
            old = place[key]
            place[key] = rng.choice([*NUMBERS, old + 1, old - 1, old ^ (1 << rng.randrange(64))])
        try:
            forge.resume(meta)
        except CheckerError:  # a violation that could be is followed from state 0, and found not to be one
            refused += 1
    assert refused > 20 * ROUNDS


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Where numbers stand, those of the long lists of counters not more often than the others."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(inner, list):
            yield from [*_places(inner)][:12]
        elif isinstance(inner, int):
            yield value, key
