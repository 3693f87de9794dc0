"""What no scenario of the heap reaches, and why: ``python -m tests.checker.reach``, a minute or two."""

from __future__ import annotations

from checker.load import Spec, load
from checker.lowering.machine import Machine
from checker.report.reach import Explanation, Reach
from checker.search.breadth_first import Limits
from checker.search.native import NativeSearch

STATES = (("lock", 170_000), ("fine", 30_000))
"""How far each scenario is searched; more of them reach nothing new."""


def survey(spec: Spec) -> Explanation:
    """Search every scenario at both atomicities and compare what was left with the spec's list."""
    reach = Reach()
    for scenario in spec.scenarios.values():
        for atomicity, states in STATES:
            machine = Machine(spec, scenario, {}, atomicity=atomicity)
            outcome = NativeSearch(machine, Limits(states=states), jobs=2).run()
            assert not outcome.violations, (scenario.name, atomicity, outcome.violations)
            reach.add(machine)
    return reach.explain(spec.unreached)


def main() -> None:
    """Print the list."""
    found = survey(load())
    for entry, declared in found.explained:
        print(f"{entry.function}:{entry.line}  {entry.text}\n    {declared.reason}")
    for entry in found.unexplained:
        print(f"{entry.function}:{entry.line}  {entry.text}\n    NOT EXPLAINED ({entry.kind})")
    for declared in found.idle:
        print(f"{declared.function}: {declared.line!r} is declared unreached, but was reached or is gone")
    print(f"{len(found.explained)} explained, {len(found.unexplained)} not, {len(found.idle)} declared for nothing")


if __name__ == "__main__":
    main()
