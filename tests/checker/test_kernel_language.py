"""The kernel language: every construct against plain Python, and what is refused."""

from __future__ import annotations

import ast
import ctypes
import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import kernels_to_compile
import pytest
from hypothesis import given
from hypothesis import strategies as st
from plain_words import plain

from checker.native.jit import QUICK, Code
from checker.native.kernels import compiler
from checker.native.kernels.compiler import KernelError, print_kernels

SIZE = 96
NAMES = [k.__name__ for k in kernels_to_compile.KERNELS]
PLAIN = plain(vars(kernels_to_compile))
words = st.integers(0, 40) | st.integers(0, 2**64 - 1) | st.integers(1, 40).map(lambda n: 2**64 - n) | st.just(2**63)


@pytest.fixture(scope="module")
def code() -> Code:
    return Code(print_kernels(kernels_to_compile.KERNELS), QUICK)


def differs(code: Code, name: str, a: int, b: int, before: bytes) -> bool:
    """Whether native and plain Python give different words, or leave different memory."""
    native = ctypes.CFUNCTYPE(ctypes.c_uint64, *[ctypes.c_uint64] * 3)(code.address(name))
    memory = (ctypes.c_uint8 * SIZE)()
    at = ctypes.addressof(memory)
    outcomes = []
    for call in (native, PLAIN[name]):
        ctypes.memmove(at, before, SIZE)
        outcomes.append((int(call(a, b, at)), bytes(memory)))
    return outcomes[0] != outcomes[1]


@pytest.mark.parametrize("name", NAMES)
def test_a_kernel_does_what_plain_python_does(code: Code, name: str) -> None:
    @given(words, words, st.binary(min_size=SIZE, max_size=SIZE))
    def same(a: int, b: int, before: bytes) -> None:
        assert not differs(code, name, a, b, before)

    same()


@pytest.mark.parametrize(
    ("table", "operator", "wrong"),
    [
        (compiler._COMPARE, ast.Lt, "slt"),
        (compiler._COMPARE, ast.GtE, "ugt"),
        (compiler._BINARY, ast.FloorDiv, "sdiv"),
        (compiler._BINARY, ast.Mod, "srem"),
        (compiler._BINARY, ast.RShift, "ashr"),
    ],
    ids=str,
)
def test_a_planted_bug_shows(table: dict[type, str], operator: type, wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(table, operator, wrong)
    code = Code(print_kernels([kernels_to_compile.operators, kernels_to_compile.comparisons]), QUICK)
    numbers = [0, 1, 2, 7, 2**63, 2**64 - 3]
    assert any(differs(code, name, a, b, bytes(SIZE)) for name in NAMES[:2] for a in numbers for b in numbers)


HEAD = """from __future__ import annotations
from checker.native.kernels.language import *
from checker.native.kernels.language import kernel, extern

NEGATIVE = -1
TEXT = "text"

class Pair(Struct):
    first: Word

def plain(a: Word) -> Word:
    return a

@kernel
def other(a: Word) -> Word:
    return a

@kernel
def wrong(a: Word, p: Pair) -> Word:
"""
LINE = HEAD.count("\n") + 1

REFUSED = {
    "a statement": ("assert a", "no statement"),
    "an import": ("import os", "no statement"),
    "a deletion": ("del a", "no statement"),
    "two targets at once": ("a, b = a, a", "no expression|cannot be|nothing that"),
    "a list": ("return [a]", "no expression"),
    "a text": ("return 'a'", "no expression"),
    "a fraction": ("return 1.5", "no expression"),
    "a true division": ("return a / a", "no operator"),
    "a power": ("return a ** 2", "no operator"),
    "a sign": ("return -a", "no expression"),
    "a sign of a constant": ("return a + -1", "no expression"),
    "a plus": ("return +a", "no expression"),
    "a constant that is no word": ("return 18446744073709551616", "no word"),
    "a negative constant": ("return NEGATIVE", "no word"),
    "a name that is no number": ("return TEXT", "unknown name"),
    "an unknown name": ("return b", "unknown name"),
    "a chain of comparisons": ("return 1 < a < 3", "one comparison"),
    "a comparison by identity": ("return a is a", "one comparison"),
    "membership": ("return a in a", "one comparison"),
    "a loop over something else": ("for i in a:\n        pass", "over range"),
    "a range with a step": ("for i in range(0, a, 2):\n        pass", "one or two bounds"),
    "an else of a for": ("for i in range(a):\n        pass\n    else:\n        a = 1", "no else"),
    "an else of a while": ("while a:\n        a -= 1\n    else:\n        a = 1", "no else"),
    "a function that is no kernel": ("return plain(a)", "no kernel"),
    "a call of a builtin": ("return len(a)", "no kernel"),
    "a method": ("return a.bit_count()", "no kernel"),
    "too many arguments": ("return other(a, a)", "a call with 1 arguments"),
    "too few arguments": ("return mulhi(a)", "a call with 2 arguments"),
    "named arguments": ("return other(a=a)", "a call with 1 arguments"),
    "three words to choose from": ("return min(a, a, a)", "a call with 2 arguments"),
    "an unknown field": ("return p.second", "no field"),
    "a field of a word": ("return a.first", "no field"),
    "a cell of something else": ("return a[0]", "only u8"),
    "a store to something else": ("a[0] = 1", "only u8"),
    "an assignment that would call twice": ("u64[other(a)] += 1", "made twice"),
    "a generator": ("yield a", "no expression"),
    "a lambda": ("f = lambda: a", "no expression"),
}


def module_of(folder: Path, text: str) -> dict[str, Any]:
    file = folder / "kernels_refused.py"
    file.write_text(text)
    spec = importlib.util.spec_from_file_location("kernels_refused", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["kernels_refused"] = module
    try:
        spec.loader.exec_module(module)
        return vars(module)
    finally:
        del sys.modules["kernels_refused"]


@pytest.mark.parametrize(("text", "said"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_refused(tmp_path: Path, text: str, said: str) -> None:
    names = module_of(tmp_path, f"{HEAD}    {text}\n")
    with pytest.raises(KernelError, match=rf"^wrong:{LINE}: .*({said})"):
        print_kernels([names["wrong"]])


@pytest.mark.parametrize("head", ["a: Word = 1", "*a: Word", "*, a: Word", "**a: Word"])
def test_parameters_are_plain_names(tmp_path: Path, head: str) -> None:
    names = module_of(tmp_path, f"{HEAD}    return a\n\n@kernel\ndef last({head}) -> Word:\n    return 1\n")
    with pytest.raises(KernelError, match="plain names"):
        print_kernels([names["last"]])


def test_two_kernels_of_one_name(tmp_path: Path) -> None:
    made: list[Callable[..., Any]] = []
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        made.append(module_of(tmp_path / folder, f"{HEAD}    return a\n")["other"])
    with pytest.raises(KernelError, match="two kernels are called other"):
        print_kernels(made)
    print_kernels([made[0], made[0]])


def test_an_extern_is_declared_and_not_printed(tmp_path: Path) -> None:
    more = "\n@extern\ndef outside(a: Word, b: Word) -> Word:\n    raise NotImplementedError\n"
    names = module_of(tmp_path, f"{HEAD}    return outside(a, 1)\n{more}")
    text = print_kernels([names["wrong"]])
    assert "declare i64 @outside(i64, i64)" in text
    assert "define i64 @wrong(" in text
    assert "define internal i64 @other(" in print_kernels([names["wrong"]], [names["other"]])
