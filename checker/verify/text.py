"""The terminal view of a verified profile: a table, what was not asked for but matters, counterexamples, a last line."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from checker.report.checked import Checked
from checker.report.ci import failures, findings, line
from checker.report.style import Style, inert
from checker.report.trace_text import WIDTH, trace_text
from checker.verify.cross import DIFFERENT, SAME
from checker.verify.gates import MET
from checker.verify.last import Last

_COLUMNS = ("scope", "verdict", "states", "depth", "seconds")


def verdict_of(found: Mapping[str, Any]) -> str:
    """A result's verdict in a few words."""
    code = found["exit"]
    if found["violations"]:
        shown = found["counterexample"] or found["violations"][0]
        return f"violation of {inert(shown['property'])} {inert(shown['name'])} (exit {code})"
    if found["verdict"] == "ok":
        return "ok" if found["exhaustive"] else "ok, to this depth"
    return f"{inert(found['verdict'])} (exit {code})"


def last_line(last: Last) -> str:
    """What became of a last counterexample."""
    return f"last counterexample of {inert(last.entry)}: {last.verdict}: {line(last.said)}"


def render(
    document: Mapping[str, Any], checked: Sequence[Checked], replays: Mapping[str, str], style: Style, *, verbose: bool = False
) -> str:
    """The text of the object that ``checker verify`` prints as JSON.

    Parameters
    ----------
    document : mapping
    checked : sequence of Checked
        Its rows with their traces.
    replays : mapping
        The command that follows the stored counterexample of a scope, by the scope's name.
    style : Style
    verbose : bool
        Known findings with their sentences.
    """
    out = [*_table(checked), *_stopped(checked), *_noted(document, checked, verbose), *_gates(document["gates"])]
    for c in checked:
        for trace in c.traces:
            named = [f"{inert(c.name)}:"] if c.name != trace.scope.scenario else []
            out += ["", *named, *trace_text(trace, style)]
        if c.name in replays:
            out.append(f"replay: {line(replays[c.name])}")
        without_run = [f for f in failures(c) if f.trace is None]
        if without_run:
            said = "; ".join(f"{f.title}: {f.what}" for f in without_run)
            out += ["", *_wrapped(f"{inert(c.name)}: {'also ' if c.traces else ''}violated: {said}")]
    return "\n".join([*out, "", summary_line(document)]) + "\n"


def summary_line(document: Mapping[str, Any]) -> str:
    """The whole in one line."""
    rows = document["rows"]
    good = sum(r["verdict"] == "ok" for r in rows)
    states, seconds = sum(r["states"] for r in rows), sum(r["seconds"]["total"] for r in rows)
    met = sum(g["verdict"] == MET for g in document["gates"])
    gates = f"; {met} of {len(document['gates'])} gates met" if document["gates"] else ""
    return (
        f"{inert(document['profile'])}: {document['verdict']}: {good} of {len(rows)} scopes ok{gates}; "
        f"{states:,} states, {seconds:.1f} s; exit {document['exit']}"
    )


def _table(checked: Sequence[Checked]) -> Iterator[str]:
    cells = [_COLUMNS]
    for c in checked:
        r = c.result
        seconds = f"{r['seconds']['total']:.1f}"
        cells.append((inert(c.name), verdict_of(r), f"{r['states']:,}", str(r["depth"]), seconds))
    widths = [max(len(row[i]) for row in cells) for i in range(len(_COLUMNS))]
    for row in cells:
        left, right = zip(row[:2], widths, strict=False), zip(row[2:], widths[2:], strict=True)
        yield "  ".join([*(text.ljust(w) for text, w in left), *(text.rjust(w) for text, w in right)])


def _stopped(checked: Sequence[Checked]) -> Iterator[str]:
    """Why a scope says less than was asked."""
    open_ = [c for c in checked if c.result["stopped"]]
    if open_:
        yield ""
    for c in open_:
        yield from _wrapped(f"{inert(c.name)}: stopped by {line(c.result['stopped'])}")


def _noted(document: Mapping[str, Any], checked: Sequence[Checked], verbose: bool) -> Iterator[str]:
    """The known findings that were seen, the properties that met nothing anywhere, and what was searched twice."""
    seen, idle = findings(checked), document["vacuous"]
    crossed = [r["cross_check"] for r in document["rows"] if r.get("cross_check")]
    if seen or idle or crossed:
        yield ""
    if seen and not verbose:
        yield from _wrapped(f"known findings seen: {', '.join(inert(f['id']) for f, _ in seen)}")
    for f, names in seen if verbose else ():
        yield from _wrapped(f"known finding {inert(f['id'])}: {line(f['title'])} (in {', '.join(names)})")
    if idle:
        yield from _wrapped(f"antecedent never met: {', '.join(map(line, idle))}")
    if crossed:
        same, bad = (sum(c["verdict"] == v for c in crossed) for v in (SAME, DIFFERENT))
        yield f"cross-check: {same} scopes searched again with the same result, {bad} with another one"


def _gates(gates: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if gates:
        yield ""
    for g in gates:
        percent = f" ({g['percent']} %)" if "percent" in g else ""
        missing = f": {'; '.join(map(line, g['missing']))}" if g["missing"] else ""
        yield from _wrapped(f"gate {g['gate']}: {g['verdict']}{percent}{missing}")
        if g.get("not_looked_for"):
            yield from _wrapped(f"  in no scope of this profile: {', '.join(map(inert, g['not_looked_for']))}")


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent="  ", break_on_hyphens=False)
