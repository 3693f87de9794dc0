"""Options shared by verbs, and their values."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from checker.errors import AssumptionError, UsageError
from checker.reduce import REDUCTIONS

if TYPE_CHECKING:
    from checker.load import Spec
    from spec.language import Scenario

_UNITS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30}
DEFAULT_SCENARIO = "quick"
ENGINES = ("native", "python")
STORAGES = ("64", "128", "exact")
CROSS_CHECK = 5_000
"""States of a scope that ``--cross-check`` searches again."""


def spec(p: argparse.ArgumentParser) -> None:
    """Which spec, and which change of it."""
    p.add_argument("--spec", metavar="DIR", help="the folder of a spec package (it is code and will be executed)")
    p.add_argument("--variant", metavar="ID", help="a known bug of spec/variants, such as B02")


def scope(p: argparse.ArgumentParser) -> None:
    """Which scenario, with which parameters."""
    p.add_argument("--scenario", metavar="NAME", help=f"a scenario of the spec (default: {DEFAULT_SCENARIO}, or the only one)")
    p.add_argument(
        "--set",
        dest="settings",
        metavar="KEY=VALUE",
        action="append",
        type=_setting,
        help="set a parameter: an integer or one of its words",
    )
    p.add_argument(
        "--without",
        metavar="THREAD",
        action="append",
        help="leave out the threads of this function (repeatable); what others wait for may then never come",
    )
    p.add_argument("--atomicity", choices=("lock", "fine"), help="a critical section is one step (lock, default), or many")
    p.add_argument(
        "--property",
        dest="properties",
        metavar="ID",
        action="append",
        help="check only this property, an id or a name (repeatable); throws and deadlocks always count",
    )


def search(p: argparse.ArgumentParser) -> None:
    """How far to search."""
    p.add_argument("--depth", metavar="N", type=_count, help="atomic steps from state 0; until no new state if absent")
    p.add_argument("--engine", choices=ENGINES, help="machine code (native, default), or the reference in Python")
    p.add_argument("--jobs", metavar="N", type=_jobs, help="workers, 1 to 64 (default: the cores); the result is the same")
    p.add_argument("--storage", choices=STORAGES, help="what is kept of a visited state: bits of a fingerprint, or all of it")
    p.add_argument("--checked", action="store_true", help="check every state that is met (for finding defects of the tool)")
    p.add_argument("--checkpoint", metavar="DIR", type=Path, help="keep the last two checkpoints of the search there")
    p.add_argument("--checkpoint-every", metavar="SECONDS", type=_count, help="time between checkpoints; 0: at every level")
    p.add_argument("--resume", action="store_true", help="go on from the last checkpoint, if there is one")
    p.add_argument(
        "--reduce",
        metavar="NAMES",
        type=_reductions,
        help=f"reductions: all (default), none, or some of {', '.join(REDUCTIONS)}",
    )
    p.add_argument("--strict", action="store_true", help="known findings count as violations")
    p.add_argument("--continue", dest="go_on", action="store_true", help="go on after a violation; the shortest of each clause")
    p.add_argument("--max-states", metavar="N", type=_count, help="stop as incomplete (exit 20) beyond N distinct states")
    p.add_argument("--memory", metavar="SIZE", type=_size, help="stop as incomplete (exit 20) beyond SIZE, e.g. 2G")


def counterexample(p: argparse.ArgumentParser) -> None:
    """How to show a violation."""
    p.add_argument(
        "--minimise-budget",
        metavar="N",
        type=_count,
        help="search steps that making a counterexample smaller may take; 0 leaves it as it was found",
    )
    fields(p)


def fields(p: argparse.ArgumentParser) -> None:
    """Which changes of a step to show."""
    p.add_argument("--hide", metavar="PATTERN", action="append", default=[], help="fields to leave out, such as 'os.*'")
    p.add_argument("--show", metavar="PATTERN", action="append", default=[], help="fields to show all the same, ghosts too")


def trace(p: argparse.ArgumentParser) -> None:
    """Which stored trace."""
    p.add_argument("trace", metavar="TRACE", type=Path, help="a trace in ITF, such as --out DIR writes")


def walks(p: argparse.ArgumentParser) -> None:
    """How far to walk."""
    p.add_argument("--seed", metavar="N", type=_count, default=0, help="the walks depend on it alone (default: 0)")
    p.add_argument("--walks", metavar="N", type=_positive, help="walks (default: as many as --max-steps allows)")
    p.add_argument("--depth", metavar="N", type=_positive, help="steps of one walk (default: 1000)")
    p.add_argument("--max-steps", metavar="N", type=_positive, help="steps of all walks (default: 1000000)")
    p.add_argument("--engine", choices=ENGINES, help="machine code (native, default), or Python; the walks are the same")
    p.add_argument("--strict", action="store_true", help="known findings count as violations")


def profile(p: argparse.ArgumentParser) -> None:
    """What to verify, and what to make of it."""
    p.add_argument("--profile", metavar="NAME", help="quick (default), full, or one of checker.toml")
    p.add_argument(
        "--gate",
        dest="gates",
        metavar="GATE",
        action="append",
        type=_gate,
        help="exit 22 unless it is met (repeatable): vacuity, findings, or coverage=PERCENT",
    )
    p.add_argument(
        "--cross-check",
        metavar="N",
        nargs="?",
        type=_positive,
        const=CROSS_CHECK,
        help=f"search scopes of up to N states (default: {CROSS_CHECK}) again in Python, with and without reductions",
    )
    p.add_argument("--engine", choices=ENGINES, help="machine code (native, default), or the reference in Python")
    p.add_argument("--jobs", metavar="N", type=_jobs, help="workers, 1 to 64 (default: the cores); the result is the same")
    p.add_argument("--strict", action="store_true", help="known findings count as violations")
    p.add_argument("--max-states", metavar="N", type=_count, help="stop a scope as incomplete (exit 20) beyond N states")
    p.add_argument("--memory", metavar="SIZE", type=_size, help="stop a scope as incomplete (exit 20) beyond SIZE, e.g. 2G")


def output(p: argparse.ArgumentParser) -> None:
    """How to show the result."""
    p.add_argument("--format", choices=("text", "json"), help="what stdout carries (default: text)")
    p.add_argument("--out", metavar="DIR", type=Path, help="also write the JSON result there")
    p.add_argument("--quiet", action="store_true", help="no progress, and only the verdict of a text result")
    p.add_argument("-v", "--verbose", action="store_true", help="every property and function in the text result")
    p.add_argument("--no-progress", action="store_true", help="no progress on stderr")


def _setting(text: str) -> tuple[str, str]:
    key, _, value = text.partition("=")
    if not key or not value:
        raise argparse.ArgumentTypeError(f"{text!r} is not KEY=VALUE")
    return key, value


def _reductions(text: str) -> tuple[str, ...]:
    if text in ("all", "none"):
        return REDUCTIONS if text == "all" else ()
    names = tuple(text.split(","))
    for name in names:
        if name not in REDUCTIONS:
            raise argparse.ArgumentTypeError(f"{name!r} is no reduction; all, none, or some of {', '.join(REDUCTIONS)}")
    return names


def _jobs(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 64:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of 1 to 64")
    return int(text)


def _gate(text: str) -> tuple[str, int]:
    kind, given, least = text.partition("=")
    if kind == "coverage" and least.isdecimal() and int(least) <= 100:
        return kind, int(least)
    if kind not in ("vacuity", "findings") or given:
        raise argparse.ArgumentTypeError(f"{text!r} is no gate: vacuity, findings, or coverage=PERCENT, as in coverage=95")
    return kind, 0


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of 0 or more")
    return int(text)


def _positive(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of 1 or more")
    return int(text)


def _size(text: str) -> int:
    unit = text[-1:].upper() if not text[-1:].isdigit() else ""
    number = text[: len(text) - len(unit)]
    if unit not in _UNITS or not number.isdecimal() or not int(number):
        raise argparse.ArgumentTypeError(f"{text!r} is not a size such as 512M or 2G")
    return int(number) * _UNITS[unit]


def load_spec(directory: str | None, variant: str | None) -> Spec:
    """The spec that the options name, with a variant's edits."""
    from checker.load import load

    where = Path(directory) if directory else None
    loaded = load(where)
    if variant is None:
        return loaded
    if variant not in loaded.variants:
        raise UsageError(f"no variant {variant!r}; this spec has: {', '.join(loaded.variants) or 'none'}")
    return load(where, loaded.variants[variant].edits)


def choose_scenario(loaded: Spec, name: str | None) -> Scenario:
    """The scenario that the options name, `DEFAULT_SCENARIO`, or the spec's only one."""
    if name is None:
        name = (
            DEFAULT_SCENARIO
            if DEFAULT_SCENARIO in loaded.scenarios or len(loaded.scenarios) != 1
            else next(iter(loaded.scenarios))
        )
    if name not in loaded.scenarios:
        known = "; ".join(f"{s.name} ({s.purpose})" for s in loaded.scenarios.values())
        raise UsageError(f"no scenario {name!r}; this spec has: {known or 'none'}")
    return loaded.scenarios[name]


def parameters(loaded: Spec, settings: Mapping[str, str]) -> dict[str, int]:
    """The values of the parameters that the user sets, from their text.

    Raises
    ------
    AssumptionError
        A parameter is unknown, or the text is neither an integer nor one of the parameter's words.
    """
    from spec.language import ParameterError

    try:
        return {name: loaded.parameters.parse(name, text) for name, text in settings.items()}
    except ParameterError as e:
        raise AssumptionError(str(e)) from e
