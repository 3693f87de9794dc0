"""One scenario that was checked, as the reports for CI take it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from checker.trace.trace import Trace


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check of one scenario found.

    Attributes
    ----------
    result : mapping
        The result object of `checker.report.result`.
    traces : tuple of Trace
        Of its violations, the one to report first first.
    name : str
        The scenario, and what tells it from others of the same profile: ``default``, ``default (fine)``.
    """

    result: Mapping[str, Any]
    traces: tuple[Trace, ...]
    name: str
