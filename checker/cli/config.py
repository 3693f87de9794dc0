"""Defaults from the environment and from one configuration file: command line > environment > file.

The file is ``checker.toml``, or ``[tool.checker]`` in pyproject.toml, in the working folder. Keys are the long options
with ``_`` for ``-``; ``set`` is a table of parameters. The environment spells them ``CHECKER_DEPTH`` and so on.
``profile`` has the profiles of ``checker verify``: see `checker.verify.profile`.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from checker.cli import options
from checker.errors import ConfigurationError

_READ: dict[str, Callable[[str], Any]] = {
    "scenario": str,
    "spec": str,
    "variant": str,
    "atomicity": str,
    "engine": str,
    "format": str,
    "depth": options._count,
    "max_states": options._count,
    "memory": options._size,
    "jobs": options._jobs,
    "storage": str,
    "checkpoint": Path,
    "checkpoint_every": options._count,
    "out": Path,
    "profile": str,
}
_FIXED = {"atomicity": ("lock", "fine"), "engine": options.ENGINES, "storage": options.STORAGES, "format": ("text", "json")}


def defaults(args: argparse.Namespace) -> None:
    """Fill options that the command line leaves open.

    Raises
    ------
    ConfigurationError
        The file is no TOML, or holds an unknown key or a value of the wrong kind.
    """
    table, source = _table(Path())
    for key in table:
        if key not in _READ and key != "set":
            raise ConfigurationError(f"{source}: unknown key {key!r}; known: {', '.join([*_READ, 'set'])}")
    for key in _READ:
        if getattr(args, key, 0) is None:
            named = os.environ.get(f"CHECKER_{key.upper()}")
            if named is not None:
                setattr(args, key, _value(key, named, f"CHECKER_{key.upper()}"))
            elif key in table and key != "profile":
                setattr(args, key, _value(key, table[key], source))
    if hasattr(args, "settings"):
        args.settings = {**_settings(table.get("set", {}), source), **dict(args.settings or ())}


def profiles(folder: Path | None = None) -> tuple[dict[str, Any], str]:
    """The profiles of the configuration by name, not looked at yet, and where they are from.

    Parameters
    ----------
    folder : Path, optional
        That of the file; the working folder by default.

    Raises
    ------
    ConfigurationError
        The file is no TOML, or ``profile`` is no table.
    """
    table, source = _table(folder or Path())
    found = table.get("profile", {})
    if not isinstance(found, dict):
        raise ConfigurationError(
            f"{source}: profile: {found!r} was found; a table of profiles was expected, each scope as [[profile.NAME]]"
        )
    return found, source


def _table(folder: Path) -> tuple[dict[str, Any], str]:
    import tomllib

    for name in ("checker.toml", "pyproject.toml"):
        path = folder / name
        if not path.is_file():
            continue
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as e:
            if name == "checker.toml":
                raise ConfigurationError(f"{name} is no TOML: {e}") from e
            continue
        if name == "checker.toml":
            return data, name
        return data.get("tool", {}).get("checker", {}), f"{name} [tool.checker]"
    return {}, ""


def _value(key: str, value: Any, source: str) -> Any:
    try:
        read = _READ[key](str(value))
    except argparse.ArgumentTypeError as e:
        raise ConfigurationError(f"{source}: {key}: {e}") from e
    if key in _FIXED and read not in _FIXED[key]:
        raise ConfigurationError(f"{source}: {key} = {value!r}; allowed: {', '.join(_FIXED[key])}")
    return read


def _settings(table: Any, source: str) -> dict[str, str]:
    """Parameters as text, as the command line has them: what the text means, the spec tells."""
    if not isinstance(table, dict) or not all(isinstance(v, (int, str)) for v in table.values()):
        raise ConfigurationError(f"{source}: set is a table of parameters with integers or words as values")
    return {name: v if isinstance(v, str) else str(int(v)) for name, v in table.items()}
