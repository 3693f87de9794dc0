"""Errors that end a command with a documented exit code (cli.md); the message is for the user."""

from __future__ import annotations


class CheckerError(Exception):
    """Base: a sentence that says what was seen, what was expected and what to do."""

    exit_code = 255


class UsageError(CheckerError):
    """The command line is wrong."""

    exit_code = 2


class AssumptionError(CheckerError):
    """A parameter is out of range or breaks an assumption."""

    exit_code = 10


class SpecEvaluationError(CheckerError):
    """The spec failed while being evaluated, which is not a Throw."""

    exit_code = 75


class LanguageError(CheckerError):
    """The spec is outside the language: file, line, what was seen, what to write instead."""

    exit_code = 120

    def __init__(self, place: str, message: str) -> None:
        super().__init__(f"{place}: {message}")
        self.place = place


class UnreadableInput(CheckerError):
    """A trace or log cannot be read: file, line, what was expected."""

    exit_code = 150


class ConfigurationError(CheckerError):
    """A configuration cannot be read."""

    exit_code = 151
