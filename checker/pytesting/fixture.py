"""What the fixture ``explore`` returns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from checker.check import How, selected
from checker.cli.options import choose_scenario, load_spec
from checker.errors import CheckerError
from checker.pytesting.scope import CheckedScope, check_scope, jobs_of
from checker.verify.profile import Entry, Profile, named


class ViolationFound(AssertionError):
    """Something is violated; ``result`` is the whole result object."""

    def __init__(self, message: str, result: dict[str, Any]) -> None:
        super().__init__(message)
        self.result = result


class Undecided(AssertionError):
    """A bound stopped the search and nothing was found, or the spec failed; ``result`` is the whole result object."""

    def __init__(self, message: str, result: dict[str, Any]) -> None:
        super().__init__(message)
        self.result = result


class Explore:
    """Searches scenarios for one test."""

    def __init__(self, item: pytest.Item) -> None:
        self._item = item

    def __call__(
        self,
        *,
        spec: str | Path | None = None,
        scenario: str | None = None,
        depth: int | None = None,
        atomicity: str = "lock",
        properties: Sequence[str] = (),
        variant: str | None = None,
        without: Sequence[str] = (),
        strict: bool = False,
        max_states: int | None = None,
        memory: int | None = None,
        engine: str | None = None,
        settings: Mapping[str, int | str] | None = None,
        **parameters: int | str,
    ) -> dict[str, Any]:
        """Search a scenario to the end, or to a depth.

        Parameters
        ----------
        spec : path, optional
            The folder of a spec package; that of ``--checker-spec``, or the installed one, by default.
        scenario : str, optional
        depth : int, optional
            Atomic steps from state 0; without it until no new state exists.
        atomicity : str
            ``lock`` or ``fine``.
        properties : sequence of str
            Ids or names; all of the spec by default.
        variant : str, optional
            A known bug to put back.
        without : sequence of str
            Thread functions to leave out.
        strict : bool
            Known findings count as violations.
        max_states, memory : int, optional
            Bounds, in states and bytes; a search that one of them stops fails the test.
        engine : str, optional
            ``native`` or ``python``; that of ``--checker-engine`` by default.
        settings : mapping, optional
            Parameters whose names are taken by the others here.
        **parameters
            Of the spec: integers, or their words.

        Returns
        -------
        dict
            The result object, as ``checker explore --format json`` prints it.

        Raises
        ------
        ViolationFound
            Something is violated.
        Undecided
            The search was stopped, or the spec failed while being evaluated.
        CheckerError
            What was asked for makes no sense.
        """
        __tracebackhide__ = True
        item = self._item
        try:
            done = self._check(
                Entry(
                    scenario or "",
                    settings=_settings(settings or {}, parameters),
                    atomicity=atomicity,
                    depth=depth,
                    max_states=max_states,
                    properties=tuple(properties),
                    without=tuple(without),
                ),
                str(spec) if spec is not None else item.config.getoption("checker_spec"),
                variant,
                engine or item.config.getoption("checker_engine"),
                strict=strict,
                memory=memory,
            )
        except CheckerError as e:
            raise e.with_traceback(None) from None  # the caller's line is what matters
        if not done.text:
            return done.result
        item.add_report_section("call", "checker", done.text + "\n")
        if done.replay:
            item.add_report_section("call", "checker replay", f"{done.replay}\n")
        kind = ViolationFound if done.result["violations"] else Undecided
        raise kind(_brief(done.text, done.replay), done.result)

    def _check(
        self, entry: Entry, where: str | None, variant: str | None, engine: str, *, strict: bool, memory: int | None
    ) -> CheckedScope:
        loaded = load_spec(where, variant)
        selected(loaded, entry.properties)
        (entry,) = named((replace(entry, scenario=choose_scenario(loaded, entry.scenario or None).name),), "", "")
        how = How(engine=engine, jobs=jobs_of(self._item.config), variant=variant, spec=where)
        profile = Profile("explore", self._item.nodeid, (entry,))
        return check_scope(self._item, loaded, profile, how, strict=strict, memory=memory)


def _settings(*given: Mapping[str, int | str]) -> tuple[tuple[str, str], ...]:
    """Parameters as text, as the command line has them."""
    together = {k: v for g in given for k, v in g.items()}
    return tuple((k, str(int(v)) if isinstance(v, int) else v) for k, v in together.items())


def _brief(text: str, replay: str) -> str:
    """The first lines of what was found, and how to see it again."""
    lines = [line for line in text.splitlines() if line][:4]
    return "\n".join([*lines, *([replay] if replay else [])])
