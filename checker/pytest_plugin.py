"""The pytest plugin: the scopes of a profile as tests, and a fixture that searches a spec of one's own.

It is loaded wherever pytest runs, so nothing of the checker is imported before an option or a test asks for it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from checker.pytesting.fixture import Explore


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options."""
    group = parser.getgroup("checker", "model checking")
    group.addoption("--checker-profile", metavar="NAME", help="also test the scopes of a profile, as checker verify does")
    group.addoption("--checker-spec", metavar="DIR", help="the folder of the spec package (default: the installed one)")
    group.addoption("--checker-out", metavar="DIR", type=Path, help="where counterexamples go (default: pytest's tmp folder)")
    group.addoption("--checker-engine", choices=("native", "python"), default="native", help="what searches (default: native)")
    group.addoption("--checker-strict", action="store_true", help="known findings of a profile count as violations")


@pytest.hookimpl(tryfirst=True)  # before -k and -m choose
def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Add the scopes of a profile."""
    if config.getoption("checker_profile") is not None:
        from checker.pytesting.items import scopes

        items += scopes(session)


@pytest.fixture
def explore(request: pytest.FixtureRequest) -> Explore:
    """A function that searches a scenario, fails the test if something is violated, and returns the result.

    ``explore(scenario="stack", depth=12, held=1)``; see `checker.pytesting.fixture.Explore`.
    """
    from checker.pytesting.fixture import Explore

    return Explore(request.node)
