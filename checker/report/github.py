"""What a check says on GitHub: annotations as workflow commands, and the summary of a step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from checker.report.checked import Checked
from checker.report.ci import Failure, Place, call, change, failures, findings, line, shown, undecided, vacuous
from checker.report.markdown import code, details, fence, plain, table
from checker.report.mermaid import mermaid
from checker.report.picture import as_text
from checker.report.style import inert, inert_line
from checker.report.text_lasso import head
from checker.trace.trace import Trace

MOST = 10
"""Annotations of a kind that GitHub shows for a step."""
LARGEST = 1_000_000
"""Bytes of a summary; GitHub refuses one of more than 1 MiB."""
_MOST_IDLE = 200
_MOST_CHANGES = 40


def workflow_commands(checked: Sequence[Checked]) -> str:
    """The workflow commands, one a line: errors, then warnings, then notices; the worst of each kind first."""
    errors = [(f.exit, c, f) for c in checked for f in failures(c)]
    errors.sort(key=lambda e: e[0])
    warnings = [("not decided", f"{inert(c.name)}: {undecided(c.result)}") for c in checked if undecided(c.result)]
    idle = vacuous(checked)
    if idle:
        warnings.append(("antecedent never met", f"what these properties speak about never happened: {', '.join(idle)}"))
    notices = [
        (
            f"known finding {inert(f['id'])}",
            f"{inert(f['property'])} {inert(f['clause'])}: {line(f['title'])} (seen in {', '.join(names)})",
        )
        for f, names in findings(checked)
    ]
    commands = [
        *_few("error", [_command("error", f.title, f"{inert(c.name)}: {_verdict(f)}", f.at) for _, c, f in errors]),
        *_few("warning", [_command("warning", title, text) for title, text in warnings]),
        *_few("notice", [_command("notice", title, text) for title, text in notices]),
    ]
    return "".join(f"{text}\n" for text in commands)


def _verdict(f: Failure) -> str:
    return f"{f.kind}: {f.what}" + (f"\n{f.cause}" if f.cause else "")


def _few(kind: str, commands: list[str]) -> list[str]:
    """As many as GitHub shows, and how many are left out."""
    if len(commands) <= MOST:
        return commands
    left_out = len(commands) - MOST + 1
    return [*commands[: MOST - 1], _command(kind, "and more", f"{left_out} more are in the summary of this step")]


def _command(kind: str, title: str, text: str, place: Place | None = None) -> str:
    """One command; in its values nothing ends it or begins another."""
    options = {} if place is None else {"file": place.file, "line": str(place.line)}
    said = ",".join(f"{k}={_option(line(v))}" for k, v in {**options, "title": title}.items())
    return f"::{kind} {said}::" + _data("\n".join(line(part) for part in text.split("\n")))


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _option(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def summary(checked: Sequence[Checked]) -> str:
    """Markdown for a step's summary; sections that have no room are shortened, then left out, and it says so."""
    out = [*_overview(checked), ""]
    room = LARGEST - _size(out) - 1000
    left_out = 0
    for c in checked:
        for f in failures(c):
            section = next((s for s in (_section(c, f), _section(c, f, short=True)) if _size(s) <= room), None)
            left_out += section is None
            out += section or []
            room -= _size(section or [])
    if left_out:
        out += [f"{left_out} more violations are left out, because a summary has no room for them.", ""]
    return "\n".join(out)


def _size(lines: Sequence[str]) -> int:
    return sum(len(text.encode()) + 1 for text in lines)


def _overview(checked: Sequence[Checked]) -> Iterator[str]:
    bad = sum(bool(failures(c)) for c in checked)
    open_ = sum(bool(undecided(c.result)) for c in checked)
    said = [f"{bad} of {len(checked)} violated" if bad else f"{len(checked)} checked, none violated"]
    yield f"## checker: {'; '.join([*said, *([f'{open_} not decided'] if open_ else [])])}"
    yield ""
    rows = ([code(c.name), *_cells(c)] for c in checked)
    yield from _rows(("scenario", "verdict", "states", "depth", "exhaustive", "atomicity"), rows, len(checked), LARGEST // 4)
    for title, lines in (("Known findings", _known(checked)), ("Never met", _idle(checked))):
        if lines:
            yield from ("", *details(title, lines))


def _cells(c: Checked) -> list[str]:
    r = c.result
    open_ = undecided(r)
    verdict = plain(r["verdict"]) + (f": {plain(open_)}" if open_ else "")
    exhaustive = "yes" if r["exhaustive"] else "no"
    return [verdict, f"{r['states']:,}", str(r["depth"]), exhaustive, plain(r["atomicity"])]


def _known(checked: Sequence[Checked]) -> list[str]:
    rows = []
    for f, names in findings(checked):
        what = f"{code(f['property'])} {plain(f['clause'])}"
        rows.append([code(f["id"]), what, plain(f["title"]), plain(f["reason"]), plain(", ".join(names))])
    head = ("finding", "property", "what", "why it is accepted", "seen in")
    return list(_rows(head, rows, len(rows), LARGEST // 8)) if rows else []


def _rows(head: Sequence[str], rows: Iterable[Sequence[str]], count: int, room: int) -> Iterator[str]:
    """A table of the first of ``count`` rows, as many as there is room for; the others are never made."""
    lines = table(head, rows)
    shown = -2  # the head, and the line below it
    for text in lines:
        room -= len(text.encode()) + 1
        if room < 0:
            break
        yield text
        shown += 1
    if shown < count:
        yield from ("", f"{count - max(shown, 0)} more are left out, because there is no room for them.")


def _idle(checked: Sequence[Checked]) -> list[str]:
    idle = vacuous(checked)
    more = f"; and {len(idle) - _MOST_IDLE} more" if len(idle) > _MOST_IDLE else ""
    said = "; ".join(map(code, idle[:_MOST_IDLE])) + more
    return [f"What these properties speak about never happened: {said}."] if idle else []


def _section(c: Checked, f: Failure, *, short: bool = False) -> list[str]:
    """A violation; ``short`` leaves out the steps and the pictures."""
    body = [f"{f.kind.capitalize()}: {code(f.title)} {plain(f.what)}; exit {f.exit}.", ""]
    if f.cause:
        body += [f"Cause: {plain(f.cause)}", ""]
    if f.trace is None:
        body.append(f"Its run of {f.steps} steps is not shown here." if f.steps else "There is no run to show.")
    else:
        body += [] if short else _run(f.trace)
        body += ["The steps are left out, because a summary has no room for them.", ""] if short else []
        body += fence([inert_line(f.trace.command)], "sh") if f.trace.command else []
    length = "1 step" if f.steps == 1 else f"{f.steps} steps"
    return details(f"{code(c.name)}: <b>{plain(f.title)}</b> {plain(f.clause)} ({length})", body)


def _run(trace: Trace) -> Iterator[str]:
    """Steps, how they end, the last picture and the diagram."""
    rows = (
        [str(s.index), code(s.thread), code(call(s)), code(s.source), _changes([code(change(c)) for c in shown(s)])]
        for s in trace.steps
    )
    yield from _rows(("step", "thread", "call", "source", "changes"), rows, len(trace.steps), LARGEST // 4)
    yield ""
    if trace.loop is not None:
        yield from (f"It is {head(trace)}.", "")
    for w in trace.stuck:
        yield f"- {code(w.thread)} {plain(w.sentence)}"
    if trace.pictures and trace.pictures[-1]:
        yield from ("", f"State {len(trace.steps)}:", "", *fence(line(text) for text in as_text(trace.pictures[-1])))
    yield from ("", *fence(mermaid(trace).splitlines(), "mermaid"), "")


def _changes(said: Sequence[str]) -> str:
    more = [f"and {len(said) - _MOST_CHANGES} more"] if len(said) > _MOST_CHANGES else []
    return "<br>".join([*said[:_MOST_CHANGES], *more])
