"""The cross-check of the reductions: the search without them, divided by them, is the search with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from checker.errors import CheckerError
from checker.lowering.machine import Machine


@dataclass(frozen=True, slots=True)
class Quotient:
    """Two searches of one scenario to the same depth.

    Attributes
    ----------
    states : int
        Reached without reductions.
    forms : int
        Canonical forms of these.
    reduced : int
        Forms reached by the reduced search.
    missing, extra : int
        Forms that the reduced search does not reach, and those that only it reaches.
    violations, violations_reduced : set of str
        The properties and throws that each search violates.
    """

    states: int
    forms: int
    reduced: int
    missing: int
    extra: int
    violations: frozenset[str]
    violations_reduced: frozenset[str]

    @property
    def exact(self) -> bool:
        """Whether both searches saw the same."""
        return not self.missing and not self.extra and self.violations == self.violations_reduced


def quotient(plain: Machine, reduced: Machine, depth: int | None = None) -> Quotient:
    """Search with and without reductions, and compare.

    Parameters
    ----------
    plain : Machine
        Made with ``reductions=()``.
    reduced : Machine
        Of the same spec, scenario and parameters.
    depth : int, optional
        Of both searches; to closure if absent.

    Raises
    ------
    CheckerError
        The states of the two machines cannot be compared.
    """
    if plain.canonical.reductions or plain.initial() != reduced.initial():
        raise CheckerError("a quotient compares a machine without reductions with one of the same spec and parameters")
    states, violations = _reach(plain, lambda s: s, depth)
    forms = {reduced.canonical(s) for s in states}
    found, violations_reduced = _reach(reduced, reduced.canonical, depth)
    return Quotient(len(states), len(forms), len(found), len(forms - found), len(found - forms), violations, violations_reduced)


def _reach(machine: Machine, form: Callable[[bytes], bytes], depth: int | None) -> tuple[set[bytes], frozenset[str]]:
    """What a search reaches, and what it violates."""
    first = form(machine.initial())
    seen, level, violated = {first}, [first], set[str]()
    done = 0
    while level and (depth is None or done < depth):
        following = []
        for state in level:
            for s in machine.successors(state):
                if s.thrown is not None:
                    violated.add(s.thrown[0])
                    continue
                found = s.failures + machine.check_step(state, s.state, s.thread) + machine.check(s.state)
                violated |= {f"{machine.properties[f.property].id} {f.clause}" for f in found}
                after = form(s.state)
                if after not in seen:
                    seen.add(after)
                    following.append(after)
        level = following
        done += 1
    return seen, frozenset(violated)
