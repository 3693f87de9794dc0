"""What is verified: a profile is a list of scopes, built in or from the configuration.

The built-in profiles follow from what the spec declares: ``quick`` is every scenario at lock atomicity, ``full`` every
scenario at lock and at fine atomicity, and the known findings that need other parameters, each to its depth.

The configuration (``checker.toml``, or ``[tool.checker]`` in pyproject.toml) has a table for each scope::

    [[profile.nightly]]
    scenario = "default"            # the only key that must be there
    atomicity = "fine"              # lock by default
    set = { held = 2 }              # over the scenario's own parameters
    depth = 20                      # atomic steps; without it until no new state exists
    max_states = 1000000            # beyond it the scope counts as incomplete
    properties = ["P3", "P7"]       # ids or names; without it all of the spec
    without = ["clock"]             # thread functions that are left out
    liveness = false                # leave out the liveness properties
    name = "two spans at once"      # how reports call it

A profile of the configuration hides the built-in one of the same name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from checker.errors import ConfigurationError, UsageError
from checker.load import Spec

QUICK, FULL = "quick", "full"
BUILT_IN = "built in"
_STEM = 80


@dataclass(frozen=True, slots=True)
class Entry:
    """One scope of a profile.

    Attributes
    ----------
    scenario : str
    name : str
        How reports call it; different from all others of the profile.
    settings : tuple of str and str
        Parameters over the scenario's own, as text.
    atomicity : str
        ``lock`` or ``fine``.
    depth, max_states : int or None
        Bounds; None is no bound.
    properties : tuple of str
        Ids or names; empty: all of the spec.
    without : tuple of str
        Thread functions that are left out.
    liveness : bool
        Decide liveness properties too.
    """

    scenario: str
    name: str = ""
    settings: tuple[tuple[str, str], ...] = ()
    atomicity: str = "lock"
    depth: int | None = None
    max_states: int | None = None
    properties: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    liveness: bool = True

    @property
    def stem(self) -> str:
        """The beginning of the names of its files."""
        plain = "".join(c.lower() if c.isascii() and (c.isalnum() or c == "_") else "-" for c in self.name)
        return "-".join(p for p in plain.split("-") if p)[:_STEM] or "scope"


@dataclass(frozen=True, slots=True)
class Profile:
    """Scopes in their order; ``source`` is the file that they are from, or `BUILT_IN`."""

    name: str
    source: str
    entries: tuple[Entry, ...]


def profile_of(spec: Spec, name: str, tables: Mapping[str, Any], source: str) -> Profile:
    """The profile of a name.

    Parameters
    ----------
    spec : Spec
    name : str
    tables : mapping
        ``profile`` of the configuration.
    source : str
        The configuration's file, for messages.

    Raises
    ------
    ConfigurationError
        The configuration does not say what a profile is.
    UsageError
        There is no such profile, or the spec has no scenario.
    """
    if name in tables:
        from checker.verify.configured import entries_of

        return Profile(name, source, named(entries_of(spec, f"{source}: profile.{name}", tables[name]), source, name))
    made = {QUICK: _quick, FULL: _full}
    if name not in made:
        known = ", ".join([*made, *(t for t in tables if t not in made)])
        raise UsageError(f"no profile {name!r}; there are: {known}; write another one as [[profile.NAME]] into checker.toml")
    entries = tuple(made[name](spec))
    if not entries:
        raise UsageError(f"{spec.directory}: this spec declares no scenario, so there is nothing to verify")
    return Profile(name, BUILT_IN, named(entries, BUILT_IN, name))


def _quick(spec: Spec) -> Iterator[Entry]:
    for scenario in spec.scenarios:
        yield Entry(scenario)


def _full(spec: Spec) -> Iterator[Entry]:
    for scenario in spec.scenarios:
        yield Entry(scenario)
        yield Entry(scenario, atomicity="fine")
    seen = set()
    for f in spec.findings.values():
        if f.scenario in spec.scenarios and f.parameters:
            words = spec.parameters.in_words(f.parameters)
            settings = tuple((k, str(v)) for k, v in words.items())
            entry = Entry(f.scenario, settings=settings, atomicity=f.atomicity, depth=f.depth)
            if entry not in seen:
                seen.add(entry)
                yield entry


def named(entries: tuple[Entry, ...], source: str, profile: str) -> tuple[Entry, ...]:
    """The entries with a name each, by what tells them from their scenario.

    Raises
    ------
    ConfigurationError
        Two of them have the same name, or would have the same files.
    """
    out: dict[str, Entry] = {}
    for i, e in enumerate(entries):
        entry = e if e.name else replace(e, name=_name(e))
        if entry.stem in out:
            raise ConfigurationError(
                f"{source}: profile.{profile}[{i}].name: {entry.name!r} is too much like {out[entry.stem].name!r}; "
                "their files would have the same names; name one of them otherwise"
            )
        out[entry.stem] = entry
    return tuple(out.values())


def _name(e: Entry) -> str:
    facts = ["fine"] if e.atomicity == "fine" else []
    facts += [f"{k}={v}" for k, v in e.settings]
    facts += [f"without {w}" for w in e.without]
    facts += [f"depth {e.depth}"] if e.depth is not None else []
    facts += [f"{e.max_states} states"] if e.max_states is not None else []
    facts += [" ".join(e.properties)] if e.properties else []
    facts += [] if e.liveness else ["no liveness"]
    return e.scenario + (f" ({', '.join(facts)})" if facts else "")
