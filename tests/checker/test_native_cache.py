"""The cache of object code: nothing is compiled twice, nothing foreign or damaged is executed, any folder will do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from checker.load import load
from checker.lowering.machine import Machine
from checker.native import cache, compiled
from checker.native.compiled import Compiled
from checker.native.machine import NativeMachine

TEXT = """
from __future__ import annotations
from typing import Annotated
from spec.language import *

class Sys(Parameters):
    word_bits = parameter(8, hi=64, doc="word")
    gen_bits = parameter(4, hi=32, doc="generation")
    most = parameter(5, hi=9, doc="most")

sys = Sys()

class Root:
    x: Annotated[int, Range(0, 9), Racy()]

def initial(r: Root) -> None:
    pass

def count(r: Root) -> None:
    while r.x < sys.most:
        step()
        r.x += 1

@invariant("P1", "small")
def small(r: Root) -> None:
    check("x", r.x < 9)

@invariant("P2", "smaller")
def smaller(r: Root) -> None:
    check("x", r.x < 5)

S = Scenario(name="s", purpose="", root=Root, initial=initial, threads=(Thread(count),))
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache."""
    monkeypatch.setenv("CHECKER_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("cache") / "a_spec"
    made.mkdir()
    (made / "__init__.py").write_text(TEXT)
    return made


@pytest.fixture(scope="module")
def files(spec: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What a run leaves."""
    where = tmp_path_factory.mktemp("files")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHECKER_CACHE", str(where))
        assert not Compiled(machine(spec)).cached
    return {p.name: p.read_bytes() for p in where.iterdir()}


@pytest.fixture
def filled(folder: Path, files: dict[str, bytes]) -> Path:
    """A cache after a run."""
    folder.mkdir(mode=0o700)
    for name, data in files.items():
        (folder / name).write_bytes(data)
        (folder / name).chmod(0o600)
    return folder


def machine(spec: Path, **options: object) -> Machine:
    loaded = load(spec)
    parameters = options.pop("parameters", {})
    if "chosen" in options:
        options["properties"] = [p for p in loaded.properties if p.id == options["chosen"]]
        del options["chosen"]
    return Machine(loaded, loaded.scenarios["s"], parameters, **options)  # type: ignore[arg-type]


def values(m: Machine) -> list[bytes]:
    """The states of the only run, by native code; the cache was used as it is now."""
    native = NativeMachine(m)
    out = [native.initial()]
    while found := native.successors(out[-1]):
        out.append(found[0].state)
    native.close()
    return out


def test_a_second_run_compiles_nothing(filled: Path, spec: Path, files: dict[str, bytes]) -> None:
    assert len(files) == 2
    assert Compiled(machine(spec)).cached
    assert {p.name: p.read_bytes() for p in filled.iterdir()} == files


def test_cached_code_does_the_same(filled: Path, spec: Path) -> None:
    lowered = machine(spec)
    expected = [lowered.initial()]
    while found := lowered.successors(expected[-1]):
        expected.append(found[0].state)
    assert len(expected) == 6
    assert values(machine(spec)) == expected
    for file in filled.iterdir():
        file.unlink()
    assert values(machine(spec)) == expected


RUN = """
import sys
from pathlib import Path
from checker.load import load
from checker.lowering.machine import Machine
from checker.native.machine import NativeMachine
spec = load(Path(sys.argv[1]))
native = NativeMachine(Machine(spec, spec.scenarios["s"], {}))
sys.stdin.readline()
state = native.initial()
while found := native.successors(state):
    state = found[0].state
print(state.hex())
"""


def start(spec: Path, **environment: str | None) -> subprocess.Popen[str]:
    changed = {**os.environ, **environment}
    kept = {k: v for k, v in changed.items() if v is not None}
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, "-c", RUN, str(spec)], env=kept, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def test_processes_at_the_same_time(folder: Path, spec: Path) -> None:
    running = [start(spec) for _ in range(5)]
    said = [p.communicate("\n") for p in running]
    assert [p.returncode for p in running] == [0] * 5, said
    assert {out for out, _ in said} == {values(machine(spec))[-1].hex() + "\n"}
    assert len([*folder.iterdir()]) == 2  # and nothing half written


def truncated(data: bytes) -> bytes:
    return data[: len(data) // 2]


def flipped(data: bytes) -> bytes:
    return data[:-40] + bytes([data[-40] ^ 4]) + data[-39:]


def flipped_checksum(data: bytes) -> bytes:
    return bytes([data[0] ^ 1]) + data[1:]


def empty(data: bytes) -> bytes:
    return b""


def shorter_than_its_checksum(data: bytes) -> bytes:
    return data[:20]


@pytest.mark.parametrize("kind", ["code-", "scope-"])
@pytest.mark.parametrize("damage", [truncated, flipped, flipped_checksum, empty, shorter_than_its_checksum])
def test_a_damaged_file_is_replaced(filled: Path, spec: Path, kind: str, damage: Callable[[bytes], bytes]) -> None:
    (file,) = filled.glob(kind + "*")
    whole = file.read_bytes()
    file.write_bytes(damage(whole))
    assert not Compiled(machine(spec)).cached
    assert file.read_bytes() == whole
    assert Compiled(machine(spec)).cached


@pytest.mark.parametrize("mode", [0o620, 0o602])
def test_a_file_that_others_could_write_is_not_executed(filled: Path, spec: Path, mode: int) -> None:
    for file in filled.iterdir():
        file.chmod(mode)
    assert not Compiled(machine(spec)).cached
    assert Compiled(machine(spec)).cached  # replaced by ours
    assert [f.stat().st_mode & 0o022 for f in filled.iterdir()] == [0, 0]


def test_the_file_of_another_user_is_not_executed(filled: Path, spec: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: other)
    assert not Compiled(machine(spec)).cached


@pytest.mark.parametrize("target", ["a file", "below a file", "read-only", "a folder for a name"])
def test_a_folder_that_cannot_be_used(tmp_path: Path, spec: Path, monkeypatch: pytest.MonkeyPatch, target: str) -> None:
    """Root may write everywhere: a folder below /proc stands for one that nobody can write to."""
    place = tmp_path / "place"
    if target == "a file":
        place.write_text("kept")
    elif target == "below a file":
        place.write_text("kept")
        place /= "cache"
    elif target == "read-only":
        place.mkdir(mode=0o500)
        if os.geteuid() == 0:
            place = Path("/proc/self/cache")
    else:
        monkeypatch.setattr(cache, "name_of", lambda *parts: "name")
        (place / "code-name").mkdir(parents=True)
        (place / "scope-name").mkdir()
    monkeypatch.setenv("CHECKER_CACHE", str(place))
    assert len(values(machine(spec))) == 6
    assert not Compiled(machine(spec)).cached
    if target != "a folder for a name":
        assert not place.is_dir() or not [*place.iterdir()]
    else:
        assert sorted(p.name for p in place.iterdir()) == ["code-name", "scope-name"]


def test_a_full_disk_leaves_nothing(folder: Path, spec: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(source: object, target: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert not Compiled(machine(spec)).cached
    assert [*folder.iterdir()] == []


def test_no_home(tmp_path: Path, spec: Path) -> None:
    """Without $HOME Python asks for the home of the user; there need not be one."""
    run = start(spec, HOME=None, CHECKER_CACHE=None, XDG_CACHE_HOME=str(tmp_path / "xdg"))
    out, err = run.communicate("\n")
    assert run.returncode == 0, err
    assert out.strip() == values(machine(spec))[-1].hex()
    assert [*(tmp_path / "xdg" / "pageheap-checker").iterdir()]


def test_a_home_that_cannot_be_found(spec: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    for name in ("CHECKER_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    assert len(values(machine(spec))) == 6
    assert not Compiled(machine(spec)).cached


@pytest.mark.parametrize(
    "options",
    [{"parameters": {"most": 6}}, {"atomicity": "fine"}, {"chosen": "P1"}, {"chosen": "P2"}],
    ids=str,
)
def test_what_the_machine_depends_on(filled: Path, spec: Path, options: dict[str, object]) -> None:
    assert not Compiled(machine(spec, **options)).cached
    assert Compiled(machine(spec, **options)).cached
    assert Compiled(machine(spec)).cached


def test_another_text_of_the_spec(filled: Path, spec: Path) -> None:
    try:
        (spec / "__init__.py").write_text(TEXT.replace("r.x += 1", "r.x += 2"))
        assert len(values(machine(spec))) == 4
    finally:
        (spec / "__init__.py").write_text(TEXT)
    assert Compiled(machine(spec)).cached


@pytest.mark.parametrize("change", ["version", "processor", "tool", "directory"])
def test_another_tool_or_processor(
    filled: Path, spec: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    if change == "version":
        import llvmlite

        monkeypatch.setattr(llvmlite, "__version__", "0.0.1")
    elif change == "processor":
        from checker.native import jit

        monkeypatch.setattr(jit.llvm, "get_host_cpu_name", lambda: "generic")
    elif change == "tool":
        monkeypatch.setattr(compiled, "sources_digest", lambda: "other")
    else:
        spec = Path(shutil.copytree(spec, tmp_path / "a_spec"))
    assert not Compiled(machine(spec)).cached
    assert Compiled(machine(spec)).cached
    assert len([*filled.glob("scope-*")]) == 2
