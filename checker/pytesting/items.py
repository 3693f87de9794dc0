"""The scopes of a profile as tests; each can run in any process, and their names do not depend on anything but the profile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from checker.check import How
from checker.cli.config import profiles
from checker.cli.options import load_spec
from checker.errors import CheckerError
from checker.load import Spec
from checker.pytesting.scope import check_scope, jobs_of
from checker.verify.profile import Entry, Profile, profile_of


class Violated(Exception):
    """A scope is not as it should be; the message is what a reader needs to know."""


def scopes(session: pytest.Session) -> list[pytest.Item]:
    """A test for each scope of the profile that ``--checker-profile`` names.

    Raises
    ------
    pytest.UsageError
        There is no such profile, or the spec or the configuration cannot be read.
    """
    option = session.config.getoption
    try:
        spec = load_spec(option("checker_spec"), None)
        profile = profile_of(spec, option("checker_profile"), *profiles(session.config.invocation_params.dir))
    except CheckerError as e:
        raise pytest.UsageError(f"--checker-profile: {e}") from e
    collector = Scopes.from_parent(session, name=profile.name, nodeid=f"checker::{profile.name}", plan=_Plan(spec, profile))
    return list(session.genitems(collector))


@dataclass(frozen=True, slots=True)
class _Plan:
    spec: Spec
    profile: Profile


class Scopes(pytest.Collector):
    """A profile."""

    def __init__(self, *, plan: _Plan, **more: Any) -> None:
        super().__init__(**more)
        self.plan = plan

    def collect(self) -> Iterator[pytest.Item]:
        """Its scopes."""
        for entry in self.plan.profile.entries:
            yield Scope.from_parent(self, name=entry.name, entry=entry, plan=self.plan)


class Scope(pytest.Item):
    """A scope as a test."""

    def __init__(self, *, entry: Entry, plan: _Plan, **more: Any) -> None:
        super().__init__(**more)
        self.entry, self.plan = entry, plan
        self.extra_keyword_matches.update(("checker", entry.scenario, entry.atomicity))

    def runtest(self) -> None:
        """Check it.

        Raises
        ------
        Violated
            Something is violated, or it was not decided.
        """
        option = self.config.getoption
        how = How(engine=option("checker_engine"), jobs=jobs_of(self.config), spec=option("checker_spec"))
        profile = replace(self.plan.profile, entries=(self.entry,))
        done = check_scope(self, self.plan.spec, profile, how, strict=option("checker_strict"))
        if done.text:
            if done.replay:
                self.add_report_section("call", "checker replay", f"{done.replay}\n")
            raise Violated(done.text)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What is violated, or what is wrong with the spec; the stack only of a defect of the checker."""
        if isinstance(excinfo.value, (Violated, CheckerError)):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where it is from, and its headline."""
        return self.config.rootpath, None, f"checker {self.plan.profile.name}: {self.entry.name}"
