"""The folder of a profile's reports: the same bytes for the same spec, profile and arguments.

It also keeps the last counterexample of every scope, until the scope is verified without one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from checker.errors import UsageError
from checker.report.checked import Checked
from checker.report.files import write
from checker.report.folder import lasting, write_page, write_trace
from checker.verify.last import path_of
from checker.verify.profile import Entry

FOLDER = Path(".checker")
"""Where the reports go unless the user names another folder."""

RESULT, SARIF, JUNIT = "verify.json", "results.sarif", "junit.xml"
_IGNORE = "# Written by checker verify: reports and the last counterexamples.\n*\n"


def prepare(folder: Path) -> None:
    """Make the folder, and remove the reports of an earlier run from it: nobody may take them for those of this one.

    The default folder is kept out of version control.

    Raises
    ------
    UsageError
        It cannot be made, or a report cannot be removed.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as e:
        raise UsageError(f"{folder} cannot be made: {e.strerror or e}; name another folder with --out") from e
    for name in (RESULT, SARIF, JUNIT):
        _remove(folder / name)
    if folder == FOLDER and not (folder / ".gitignore").exists():
        write(folder / ".gitignore", _IGNORE)


def keep(folder: Path, entry: Entry, checked: Checked) -> None:
    """Store the counterexample of a scope and its pages; without a violation, remove those that it had.

    A scope that was not decided keeps what it has.

    Raises
    ------
    UsageError
        The folder cannot be written to.
    """
    path = path_of(folder, entry)
    stem = path.name.partition(".")[0] + ".counterexample"
    if checked.traces:
        write_trace(folder, checked.traces[0], path.name)
        write_page(folder, checked.traces[0], stem)
    elif checked.result["verdict"] == "ok":
        for old in (path, folder / f"{stem}.html", folder / f"{stem}.mmd"):
            _remove(old)


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as e:
        raise UsageError(f"{path} cannot be removed: {e.strerror or e}; name another folder with --out") from e


def write_all(folder: Path, document: Mapping[str, Any], checked: tuple[Checked, ...]) -> None:
    """Write the result and the reports for other tools.

    Raises
    ------
    UsageError
        The folder cannot be written to.
    """
    from checker.report.junit import junit
    from checker.report.sarif import sarif

    same = {k: v for k, v in document.items() if k != "last"}
    same["rows"] = [lasting(r) for r in document["rows"]]
    write(folder / RESULT, json.dumps(same, indent=1) + "\n")
    write(folder / SARIF, sarif(checked))
    write(folder / JUNIT, junit(checked))
