"""Whether what an engine saw is what brute force found; the first disagreement in words."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from brute_force import BruteForce, Explored, Look
from engines import Engine, Seen
from random_specs import RandomSpec
from side_by_side import SideBySide, Unlike, look_of, silent_points
from thread_state import ThreadStates

from checker.differential import Atomicity
from checker.load import Spec, load
from checker.lowering.machine import Machine
from spec.language import Scenario


@dataclass(frozen=True)
class Case:
    """A random spec in plain execution at one atomicity.

    Attributes
    ----------
    text : RandomSpec
    spec : Spec
        Loaded for engines.
    explored : Explored
    counted : bool
        Whether numbers of states and transitions are comparable.
    """

    text: RandomSpec
    spec: Spec
    scenario: Scenario
    atomicity: Atomicity
    explored: Explored
    counted: bool

    @classmethod
    def of(cls, text: RandomSpec, atomicity: Atomicity, most: int) -> Case:
        """Load a spec twice and explore it, with no level begun beyond ``most`` states."""
        with tempfile.TemporaryDirectory() as folder:
            directory = text.write(Path(folder))
            plain, spec = load(directory), load(directory)
        scenario = spec.scenarios["s"]
        silent = silent_points(Machine(spec, scenario, {}, atomicity=atomicity))
        brute = BruteForce(plain, ThreadStates(plain), plain.scenarios["s"], atomicity, silent, most)
        return cls(text, spec, scenario, atomicity, brute.explore(), text.plain_actions and atomicity == "lock")

    def disagreement(self, engine: Engine) -> str | None:
        """What the lowered steps, or an engine, see otherwise: without reductions, and with all that the spec declares."""
        plain = self.explored
        machine = Machine(self.spec, self.scenario, {}, atomicity=self.atomicity)
        walked = SideBySide(plain, machine)
        try:
            walked.walk()
        except Unlike as e:
            return f"step by step: {e}"
        depth = plain.depth + plain.closed  # one level more, to see that there is none
        seen = engine(self.spec, self.scenario, self.atomicity, (), max(depth, walked.due or 0))
        if plain.errors or seen.error is not None:
            lines = {e.line for e in plain.errors}
            beyond = walked.due is not None and walked.due > plain.depth  # where other errors may come first
            lost = walked.due is None
            if seen.error in lines or (seen.error is None and lost) or (seen.error is not None and beyond):
                return None
            return f"errors of the spec: plain at {lines or None}, engine at {seen.error}"
        said = self._unreduced(machine, seen)
        if said is not None or not machine.canonical.reductions:
            return said
        said = self._reduced(machine, seen, engine(self.spec, self.scenario, self.atomicity, None, depth))
        return f"with reductions {', '.join(machine.canonical.reductions)}: {said}" if said is not None else None

    def _unreduced(self, machine: Machine, seen: Seen) -> str | None:
        plain = self.explored
        looks: dict[Look, int] = {}
        for depth, level in enumerate(seen.levels):
            for state in level:
                looks.setdefault(look_of(machine, state), depth)
        if looks != plain.first_looks():
            return _unequal("states", set(plain.first_looks().items()), set(looks.items()))
        if self.counted:
            counts = plain.levels(), plain.transitions
            got = [len(level) for level in seen.levels], seen.transitions
            if counts != got:
                return f"states of each level and transitions: plain {counts}, engine {got}"
        return self._shown(seen)

    def _reduced(self, machine: Machine, seen: Seen, reduced: Seen) -> str | None:
        if reduced.error is not None:
            return f"an error of the spec at {reduced.error}, and none without reductions"
        known: set[bytes] = set()
        for depth, level in enumerate(seen.levels):
            forms = {machine.canonical(s) for s in level} - known
            known |= forms
            got = reduced.levels[depth] if depth < len(reduced.levels) else frozenset()
            if forms != got:
                return f"at depth {depth}: {_unequal('canonical forms', forms, set(got))}"
        return self._shown(reduced)

    def _shown(self, seen: Seen) -> str | None:
        plain = self.explored
        if seen.violations != plain.violations:
            return _unequal("violations", set(plain.violations.items()), set(seen.violations.items()))
        if seen.antecedents != plain.antecedents:
            return f"antecedents: plain {sorted(plain.antecedents)}, engine {sorted(seen.antecedents)}"
        if plain.closed and not seen.closed:  # the other way, what plain execution keeps apart may go on for longer
            return "plain execution closes, the engine does not"
        return None


def _unequal(what: str, plain: set[object], engine: set[object]) -> str:
    missing, extra = sorted(map(repr, plain - engine)), sorted(map(repr, engine - plain))
    return f"{what}: {len(missing)} only in plain execution {missing[:1]}, {len(extra)} only in the engine {extra[:1]}"
