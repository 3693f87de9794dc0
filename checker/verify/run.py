"""Running a profile: the last counterexamples, then its scopes, then the gates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from checker.check import Check, How, check, selected
from checker.errors import AssumptionError, CheckerError, LanguageError, SpecEvaluationError
from checker.load import Spec
from checker.lowering.machine import Machine
from checker.report.checked import Checked
from checker.report.reach import Reach
from checker.search.breadth_first import Limits
from checker.verify.cross import cross_check
from checker.verify.gates import COVERAGE, MET, Gate, judged, vacuous
from checker.verify.last import Last, follow
from checker.verify.listener import Listener
from checker.verify.profile import Entry, Profile
from checker.verify.rows import SEARCH, blank, entry_command, exit_of, values_of, with_last

_INCOMPLETE, _DISAGREEMENT = 20, 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How a profile is verified.

    Attributes
    ----------
    how : How
    folder : Path or None
        Of the reports, where the last counterexamples are; None: there are none.
    strict : bool
        Known findings count as violations.
    max_states, memory : int or None
        Bounds of each search.
    gates : tuple of Gate
    cross_check : int
        States up to which a scope is searched again by the reference; 0: never.
    """

    how: How
    folder: Path | None = None
    strict: bool = False
    max_states: int | None = None
    memory: int | None = None
    gates: tuple[Gate, ...] = ()
    cross_check: int = 0


@dataclass(frozen=True, slots=True)
class Verified:
    """What came of a profile; ``checked`` is in its order, ``vacuous`` names the properties that met nothing anywhere."""

    profile: Profile
    verdict: str
    exit: int
    checked: tuple[Checked, ...]
    gates: tuple[dict[str, Any], ...]
    vacuous: tuple[str, ...]
    last: tuple[Last, ...]


Keep = Callable[[Entry, Checked], None]


def verify(
    spec: Spec, profile: Profile, wanted: Wanted, listener: Listener, keep: Keep = lambda entry, checked: None
) -> Verified:
    """Verify a profile.

    Parameters
    ----------
    spec : Spec
        With the edits of ``wanted.how.variant``.
    profile : Profile
    wanted : Wanted
    listener : Listener
        Told about progress.
    keep : callable, optional
        Given each scope as soon as it is done.

    Raises
    ------
    AssumptionError
        The parameters of a scope are not possible; nothing has been searched then.
    LanguageError
        The spec is outside the language.
    """
    for entry in profile.entries:
        values_of(spec, entry, profile)
    return _Run(spec, profile, wanted, listener, keep).run()


@dataclass(slots=True)
class _Run:
    """One run."""

    spec: Spec
    profile: Profile
    wanted: Wanted
    listener: Listener
    keep: Keep
    reach: Reach = field(default_factory=Reach)
    interrupted: int = 0
    shown: set[tuple[str, str]] = field(default_factory=set)

    def run(self) -> Verified:
        entries, wanted = self.profile.entries, self.wanted
        last = self._last()
        happening = {x.entry: x for x in last.values() if x.trace is not None}
        rows: dict[str, Checked] = {}
        for entry in entries:
            rows[entry.name] = done = self._checked(entry, happening.get(entry.name))
            self.keep(entry, done)
        checked = tuple(rows[e.name] for e in entries)
        results = [(e, rows[e.name].result) for e in entries]
        idle = vacuous(self.spec, results)
        gates = tuple(judged(g, self.spec, results, self.reach) for g in wanted.gates)
        codes: dict[str, list[int]] = {}
        for _, r in results:
            codes.setdefault(r["verdict"], []).append(r["exit"])
        verdict, code = exit_of(codes, gates_met=all(g["verdict"] == MET for g in gates))
        return Verified(
            self.profile, verdict, code, checked, gates, tuple(idle), tuple(last[e.name] for e in entries if e.name in last)
        )

    def _last(self) -> dict[str, Last]:
        """The last counterexamples, followed."""
        out: dict[str, Last] = {}
        folder = self.wanted.folder
        if folder is None:
            return out
        for entry in self.profile.entries:
            try:
                found = follow(folder, self.spec, entry, self.wanted.how, strict=self.wanted.strict)
            except LanguageError as e:
                raise _named(e, entry) from e
            except KeyboardInterrupt as e:
                self.interrupted = getattr(e, "exit_code", 130)
                break
            if found is not None:
                out[entry.name] = found
                self.listener.last(found)
        return out

    def _checked(self, entry: Entry, last: Last | None) -> Checked:
        self.listener.begin(entry)
        found, traces = self._found(entry)
        if last is not None and last.trace is not None and not found["violations"]:
            found, traces = with_last(found, last.trace), (last.trace,)
        found.setdefault("found_by", SEARCH)
        found["entry"] = entry.name
        found["command"] = entry_command(entry, self.wanted.how, strict=self.wanted.strict)
        self.listener.end(entry, found)
        return Checked(found, traces, entry.name)

    def _found(self, entry: Entry) -> tuple[dict[str, Any], tuple[Any, ...]]:
        if self.interrupted:
            return self._nothing(entry, "incomplete", self.interrupted, "an interrupt, before it began"), ()
        try:
            found, trace = self._search(entry)
        except KeyboardInterrupt as e:
            self.interrupted = getattr(e, "exit_code", 130)
            return self._nothing(entry, "incomplete", self.interrupted, "an interrupt"), ()
        except SpecEvaluationError as e:
            return self._nothing(entry, "error", e.exit_code, f"an error: {e}"), ()
        except LanguageError as e:
            raise _named(e, entry) from e
        except AssumptionError as e:
            raise AssumptionError(f"{entry.name} (profile {self.profile.name}, {self.profile.source}): {e}") from e
        except CheckerError as e:
            if e.exit_code != _INCOMPLETE:
                raise
            return self._nothing(entry, "incomplete", _INCOMPLETE, f"a refusal: {e}"), ()
        return found, () if trace is None else (trace,)

    def _search(self, entry: Entry) -> tuple[dict[str, Any], Any]:
        wanted = self.wanted
        how = replace(wanted.how, liveness=wanted.how.liveness and entry.liveness)
        bounds = [n for n in (entry.max_states, wanted.max_states) if n is not None]
        limits = Limits(entry.depth, min(bounds, default=None), wanted.memory)
        machine = self._machine(entry, how.reductions)
        done = check(machine, limits, how, report=self.listener.reporter(), tell=self.listener.tell, shown=self.shown)
        if done.trace is not None:
            self.shown.add((done.trace.property, done.trace.clause))
        self.interrupted = done.interrupted or done.outcome.interrupted
        if any(g.kind == COVERAGE for g in wanted.gates):
            self.reach.add(machine)
        found = dict(done.result)
        if wanted.cross_check and not self.interrupted:
            self._cross(entry, machine, limits, how, done, found)
        return found, done.trace

    def _cross(self, entry: Entry, machine: Machine, limits: Limits, how: How, done: Check, found: dict[str, Any]) -> None:
        def make(reductions: Sequence[str] | None) -> Machine:
            return self._machine(entry, reductions)

        cross = cross_check(make, limits, how, done, machine, self.wanted.cross_check)
        found["cross_check"] = cross.facts
        if cross.differences:
            said = f"a disagreement of two searches: {'; '.join(cross.differences)}; this is a defect of the checker, report it"
            found["stopped"] = said
            if not found["violations"]:
                found.update(verdict="error", exit=_DISAGREEMENT, exhaustive=False)

    def _machine(self, entry: Entry, reductions: Sequence[str] | None) -> Machine:
        return Machine(
            self.spec,
            self.spec.scenarios[entry.scenario],
            values_of(self.spec, entry, self.profile),
            atomicity=entry.atomicity,
            properties=selected(self.spec, entry.properties),
            explained=not self.wanted.strict,
            reductions=reductions,
            without=entry.without,
        )

    def _nothing(self, entry: Entry, verdict: str, code: int, stopped: str) -> dict[str, Any]:
        how, strict = self.wanted.how, self.wanted.strict
        return blank(self.spec, entry, how, strict=strict, verdict=verdict, exit=code, stopped=stopped)


def _named(e: LanguageError, entry: Entry) -> LanguageError:
    """The error with the scope in which it was met."""
    return LanguageError(e.place, f"{str(e).removeprefix(f'{e.place}: ')} (met in scope {entry.name})")
