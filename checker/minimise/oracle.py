"""Minimising against any predicate: a command that is given a trace and says whether it is still of interest."""

from __future__ import annotations

import shlex
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from checker.errors import SpecEvaluationError, UsageError
from checker.lowering.machine import Machine
from checker.minimise.budget import Budget
from checker.minimise.case import Case
from checker.minimise.follow import Followed, wanted
from checker.search.concrete import shown_by, violation_of
from checker.search.outcome import Choice, Violation
from checker.trace.itf import itf
from checker.trace.record import record

_HOLE = "{}"


class Oracle:
    """A command that takes the path of a trace, in place of ``{}`` or at its end; exit 0 says that it is of interest.

    Parameters
    ----------
    command : str
        Split into words as a shell does; no shell is involved.

    Raises
    ------
    UsageError
        It has no words, or later cannot be executed.
    """

    def __init__(self, command: str) -> None:
        try:
            self.words = shlex.split(command)
        except ValueError as e:
            raise UsageError(f"--oracle {command!r} is no command: {e}") from e
        if not self.words:
            raise UsageError("--oracle needs a command; it is given the path of a trace")

    def wants(self, text: str) -> bool:
        """Ask about a trace."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "candidate.itf.json"
            path.write_text(text, encoding="utf-8")
            words = [w.replace(_HOLE, str(path)) for w in self.words]
            words += [] if any(_HOLE in w for w in self.words) else [str(path)]
            try:
                return subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL).returncode == 0
            except OSError as e:
                raise UsageError(f"--oracle: {words[0]!r} cannot be executed: {e.strerror or e}") from e


class OracleCase(Case):
    """A run that an oracle wants to see smaller; scopes are not searched, since only the oracle knows what for.

    Parameters
    ----------
    machine : Machine
    violation : Violation
        The run, and what is known of it.
    budget : Budget
    oracle : Oracle
    variant : str
        As in `checker.trace.record.record`.

    Raises
    ------
    UsageError
        The oracle does not want the run itself.
    """

    searches = False

    def __init__(self, machine: Machine, violation: Violation, budget: Budget, oracle: Oracle, *, variant: str = "") -> None:
        super().__init__(machine, violation, budget)
        self._oracle, self._variant = oracle, variant
        self._asked: dict[tuple[tuple[int, ...], tuple[str, ...], tuple[Choice, ...]], bool] = {}
        if self.follow(machine, violation.schedule).violation is None:
            raise UsageError("the oracle does not want the trace as it is (its exit code is not 0); nothing can be minimised")

    def follow(self, machine: Machine, schedule: Sequence[Choice], *, skip: bool = True, near: bool = False) -> Followed:
        """Take the steps that can be taken, to the end, and ask about the run."""
        self.budget.open()
        state, taken, refused = machine.initial(), list[Choice](), None
        found = None
        for at, (thread, choice) in enumerate(schedule):
            step = wanted(machine, state, (thread, choice), near=near)
            if step is None:
                refused = at if refused is None else refused
                if skip:
                    continue
                return Followed(tuple(taken), refused, None)
            taken.append((thread, step.choice))
            shown = shown_by(machine, state, step, self.key)
            found = None if shown is None else violation_of(machine, shown, tuple(taken))
            if step.thrown is not None:
                break
            state = step.state
        self.budget.spend(len(taken))
        v = found or Violation("", "", "", (), tuple(taken), 0)
        return Followed(tuple(taken), refused, v if self._wanted(machine, v) else None)

    def _wanted(self, machine: Machine, v: Violation) -> bool:
        key = tuple(machine.parameters.values()), machine.without, v.schedule
        if key not in self._asked:
            try:
                self._asked[key] = self._oracle.wants(itf(record(machine, v, variant=self._variant)))
            except SpecEvaluationError:
                self._asked[key] = False
        return self._asked[key]
