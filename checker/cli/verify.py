"""``checker verify``."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any, TextIO

from checker.check import How
from checker.cli.config import profiles
from checker.cli.engine import how_of
from checker.cli.options import load_spec
from checker.errors import UsageError
from checker.load import Spec
from checker.report.style import style_of
from checker.verify.files import FOLDER, keep, prepare, write_all
from checker.verify.gates import FINDINGS, MET, MISSED, Gate
from checker.verify.last import path_of
from checker.verify.listener import Lines, Listener
from checker.verify.profile import QUICK, Profile, profile_of
from checker.verify.rows import replay_command
from checker.verify.run import Verified, Wanted
from checker.verify.run import verify as run
from checker.verify.text import render, summary_line
from checker.version import VERSION


def verify(args: argparse.Namespace) -> int:
    """Verify a profile, print the result and write the reports; returns the exit code."""
    folder = args.out or FOLDER
    wanted = _wanted(args, folder)
    spec = load_spec(args.spec, args.variant)
    profile = profile_of(spec, args.profile or QUICK, *profiles())
    prepare(folder)
    done = run(spec, profile, wanted, _listener(args, profile), lambda entry, c: keep(folder, entry, c))
    document = _document(done, spec, args, folder)
    _show(document, done, args, folder, wanted.how)
    write_all(folder, document, done.checked)
    if os.environ.get("GITHUB_ACTIONS") == "true":
        _tell_github(done, sys.stderr if args.format == "json" else sys.stdout)
    return done.exit


def _wanted(args: argparse.Namespace, folder: Path) -> Wanted:
    gates = tuple(Gate(*g) for g in dict.fromkeys(args.gates or ()))
    if args.strict and any(g.kind == FINDINGS for g in gates):
        raise UsageError("--gate findings and --strict: with --strict known findings are violations; leave one of them out")
    return Wanted(
        how=how_of(args),
        folder=folder,
        strict=args.strict,
        max_states=args.max_states,
        memory=args.memory,
        gates=gates,
        cross_check=args.cross_check or 0,
    )


def _listener(args: argparse.Namespace, profile: Profile) -> Listener:
    if args.quiet:
        return Listener()
    said = sys.stderr if args.format == "json" else sys.stdout
    return Lines(None if args.no_progress else sys.stderr, said, len(profile.entries))


def _document(done: Verified, spec: Spec, args: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """The JSON object; its keys are a contract."""
    names = {e.name: path_of(folder, e).name for e in done.profile.entries}
    for c in done.checked:
        if c.traces:
            c.result["counterexample"]["itf"] = names[c.name]
    return {
        "verdict": done.verdict,
        "exit": done.exit,
        "profile": done.profile.name,
        "source": done.profile.source,
        "spec": spec.digest,
        "version": VERSION,
        "variant": args.variant,
        "strict": args.strict,
        "rows": [dict(c.result) for c in done.checked],
        "gates": list(done.gates),
        "vacuous": list(done.vacuous),
        "last": [{"entry": x.entry, "verdict": x.verdict, "said": x.said} for x in done.last],
    }


def _show(document: dict[str, Any], done: Verified, args: argparse.Namespace, folder: Path, how: How) -> None:
    if args.format == "json":
        sys.stdout.write(json.dumps(document, indent=1) + "\n")
    elif args.quiet:
        sys.stdout.write(summary_line(document) + "\n")
    else:
        stored = {e.name: str(path_of(folder, e)) for e in done.profile.entries}
        replays = {c.name: replay_command(stored[c.name], how) for c in done.checked if c.traces}
        style = style_of(sys.stdout, hide=args.hide, show=args.show)
        sys.stdout.write(render(document, done.checked, replays, style, verbose=args.verbose))
    sys.stdout.flush()


def _tell_github(done: Verified, stream: TextIO) -> None:
    """Annotations, and the summary of the step."""
    from checker.report.ci import line
    from checker.report.github import summary, workflow_commands
    from checker.report.markdown import code, plain

    said = [
        (
            "error" if g["verdict"] == MISSED else "warning",
            line(f"gate {g['gate']}: {g['verdict']}: {'; '.join(g['missing'])}"),
        )
        for g in done.gates
        if g["verdict"] != MET
    ]
    commands = "".join(f"::{kind} title=gate::{text.replace('%', '%25')}\n" for kind, text in said)
    stream.write(workflow_commands(done.checked) + commands)
    stream.flush()
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if path:
        gates = "".join(
            f"- gate {code(g['gate'])}: {plain(g['verdict'])} {plain('; '.join(g['missing']))}\n" for g in done.gates
        )
        try:
            with open(path, "a", encoding="utf-8") as f:
                f.write(summary(done.checked) + ("\n" + gates if gates else ""))
        except OSError as e:
            raise UsageError(f"GITHUB_STEP_SUMMARY={path} cannot be written: {e.strerror or e}") from e
