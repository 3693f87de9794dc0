"""The command that finds a trace again."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from checker.trace.trace import Scope, Trace


def scope_words(scope: Scope) -> list[str]:
    """The options that name a scope, whatever the configuration says elsewhere."""
    values = dict(scope.parameters)
    words = ["--scenario", scope.scenario, "--atomicity", scope.atomicity]
    words += ["--variant", scope.variant] if scope.variant else []
    for name in scope.settings:
        words += ["--set", f"{name}={values[name]}"]
    for function in scope.without:
        words += ["--without", function]
    return words + (["--strict"] if scope.strict else [])


def explore_command(trace: Trace, *, spec: str | None = None, options: Sequence[str] = ()) -> str:
    """``checker explore`` in the trace's scope, for its property alone, which finds it or one as short.

    Parameters
    ----------
    trace : Trace
    spec : str, optional
        The folder that ``--spec`` named.
    options : sequence of str
        Other options that matter for what is found.
    """
    words = ["checker", "explore", *(["--spec", spec] if spec else []), *scope_words(trace.scope)]
    if trace.property not in ("P6", "P26"):
        words += ["--property", trace.name]
    return shlex.join([*words, *options])
