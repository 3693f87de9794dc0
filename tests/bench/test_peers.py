"""The peers: the counts of the definition, and invariants that notice."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from definition import COUNTS
from peers import MissingTool, PeerError, missing, rumur, spin
from peers.__main__ import main
from peers.murphi import MODEL as MURPHI
from peers.promela import MODEL as PROMELA

SPIN = pytest.mark.skipif(bool(missing("spin", "gcc")), reason=missing("spin", "gcc"))
RUMUR = pytest.mark.skipif(bool(missing("rumur", "gcc")), reason=missing("rumur", "gcc"))


@SPIN
@pytest.mark.parametrize("bfs", [False, True])
@pytest.mark.parametrize(("size", "states", "transitions"), COUNTS)
def test_spin_counts_the_same(bfs: bool, size: tuple[int, int, int], states: int, transitions: int) -> None:
    measured = spin(*size, bfs=bfs)
    assert (measured.states, measured.transitions) == (states, transitions)
    assert measured.peak_bytes > 10**6


@RUMUR
@pytest.mark.parametrize(("size", "states", "transitions"), COUNTS)
def test_rumur_counts_the_same(size: tuple[int, int, int], states: int, transitions: int) -> None:
    measured = rumur(*size)
    assert (measured.states, measured.transitions) == (states, transitions)
    assert measured.seconds > 0


def changed(model: Path, old: str, new: str, folder: Path) -> Path:
    text = model.read_text()
    assert text.count(old) == 1
    copy = folder / model.name
    copy.write_text(text.replace(old, new))
    return copy


@SPIN
@pytest.mark.slow
@pytest.mark.parametrize(
    ("invariant", "old", "new"),
    [
        (1, "{ h[i] = b + 1 }", "{ h[i] = i + 1 }"),
        (2, ":: last < P ->", ":: last > P ->"),
        (3, "\treleased = released - rel[b];\n", ""),
        (4, "size = WHOLE(p, npages[p]); released", "size = npages[p]; released"),
        (5, "&& phase == OFF && !OVER(||, SWEEPING)", "&& phase == OFF"),
        (6, "-> if :: own[i] != 0", "-> if :: own[i] > 1"),
    ],
)
def test_spin_checks_each_invariant(invariant: int, old: str, new: str, tmp_path: Path) -> None:
    with pytest.raises(PeerError, match=rf"assertion violated \(broken!={invariant}\)"):
        spin(4, 2, 1, bfs=True, model=changed(PROMELA, old, new, tmp_path))


@RUMUR
@pytest.mark.slow
@pytest.mark.parametrize(
    ("invariant", "old", "new"),
    [
        ("I1", "    h[i] := b + 1;", "    h[i] := i + 1;"),
        ("I2", "if last < P & kind[last] = FREE then", "if last > P & kind[0] = FREE then"),
        ("I3", "  released := released - rel[b];\n", ""),
        ("I4", "    pages := whole(p, len[p]);", "    pages := len[p];"),
        ("I5", " & !(exists q: Page do sw[q] >= SWEEPING_MARKED end)", ""),
        ("I6", "if own[p] != 0 then sw[p] := MARKED;", "if own[p] > 1 then sw[p] := MARKED;"),
    ],
)
def test_rumur_checks_each_invariant(invariant: str, old: str, new: str, tmp_path: Path) -> None:
    with pytest.raises(PeerError, match=f"invariant.*{invariant} "):
        rumur(4, 2, 1, model=changed(MURPHI, old, new, tmp_path))


def test_a_peer_that_is_not_installed_is_said_and_skipped(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(MissingTool, match="not installed: spin, gcc"):
        spin(4, 2, 1)
    monkeypatch.setattr(sys, "argv", ["peers", "--sizes", "4,2,1"])
    main()
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("skipped: ")[1].split(";")[0] for line in lines] == [
        "not installed: spin, gcc",
        "not installed: spin, gcc",
        "not installed: rumur, gcc",
    ]
