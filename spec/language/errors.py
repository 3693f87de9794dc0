"""How an execution of a spec can end early: the heap throws, or the spec itself is wrong."""

from __future__ import annotations


class Throw(Exception):
    """The heap stopped itself: Go's ``throw`` (exit 14)."""


class EvaluationError(Exception):
    """The spec failed while being evaluated, which is no verdict about the heap (exit 75)."""


class DeclarationError(Exception):
    """A declaration of the spec is not one that the language knows (exit 120)."""


class ParameterError(Exception):
    """A parameter is unknown or its value is not allowed (exit 10)."""
