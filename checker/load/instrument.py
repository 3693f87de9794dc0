"""Watching a loaded spec: replacing functions of its private package by wrappers.

A module that says ``from .free import free_span_locked`` has its own binding, so a function is replaced wherever
the package binds it. A package is private to its load: nobody else sees the wrappers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from checker.errors import LanguageError
from checker.load.package import Spec

Function = Callable[..., Any]


def replace(spec: Spec, name: str, wrap: Callable[[Function], Function], *, within: Iterable[str] | None = None) -> None:
    """Replace a spec function by ``wrap(function)`` in every namespace of the package that binds it.

    Parameters
    ----------
    spec : Spec
    name : str
        ``module.function`` relative to the package, such as ``free.free_span_locked``.
    wrap : callable
        Takes the function as it is bound now and returns its replacement; several wraps nest.
    within : iterable of str, optional
        Only in the namespaces of these modules; in all of them by default.

    Raises
    ------
    LanguageError
        The spec has no such function.
    """
    module, _, function = name.rpartition(".")
    home = spec.modules.get(module)
    original = getattr(home, function, None)
    if not callable(original):
        raise LanguageError(f"{spec.directory}", f"this command watches {name}, but the spec has no such function")
    replacement = wrap(original)
    places = spec.modules.keys() if within is None else within
    for place in places:
        namespace = vars(spec.modules[place])
        for key in [k for k, v in namespace.items() if v is original]:
            namespace[key] = replacement
