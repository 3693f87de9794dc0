"""A trace as a Mermaid sequence diagram: who does what to the shared state, in order."""

from __future__ import annotations

from collections.abc import Iterator

from checker.report.ci import call, line, shown, threads_of
from checker.report.style import inert
from checker.report.trace_text import VERDICTS
from checker.trace.trace import Trace, TraceStep

LONGEST = 48_000
"""Characters of a diagram; Mermaid refuses text of more than 50,000."""
LONGEST_TEXT = 400
"""Characters of one message or note, before they are escaped."""

_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,_()=[]*/+-?!'")
_STATE = "state"
_INDENT = "    "


def mermaid(trace: Trace) -> str:
    """The diagram.

    A step is a message to the shared state, or to its own thread if it changes nothing there. Steps are left out from the
    beginning if Mermaid could not take them all; a note says so.
    """
    numbers = {t: f"t{i}" for i, t in enumerate(_participants(trace))}
    over = ",".join([*list(numbers.values())[:1], _STATE])
    head = ["sequenceDiagram", *(f"{_INDENT}participant {n} as {_text(inert(t))}" for t, n in numbers.items())]
    head.append(f"{_INDENT}participant {_STATE}")
    tail = [*_facts(trace, numbers), _note(over, _verdict(trace))]
    drawn = _fitting(trace, numbers, LONGEST - sum(len(text) + 1 for text in (*head, *tail)) - 4 * LONGEST_TEXT)
    if len(drawn) < len(trace.steps):
        left_out = len(trace.steps) - len(drawn)
        head.append(_note(over, f"steps 1 to {left_out} are not drawn, the diagram would be too large"))
    return "\n".join([*head, *_messages(trace, drawn, numbers, over), *tail]) + "\n"


def _participants(trace: Trace) -> list[str]:
    """The threads that take steps, wait in a deadlock or are to be treated fairly, in the order of the scope."""
    known = dict.fromkeys([*threads_of(trace), *(w.thread for w in trace.stuck), *(f.thread for f in trace.fairness)])
    order = {t: i for i, t in enumerate(trace.scope.threads)}
    return sorted(known, key=lambda t: order.get(t, len(order)))


def _fitting(trace: Trace, numbers: dict[str, str], room: int) -> list[TraceStep]:
    """The last steps, as many as there is room for."""
    first = len(trace.steps)
    for s in reversed(trace.steps):
        room -= len(_message(s, numbers)) + 1
        if room < 0:
            break
        first -= 1
    return list(trace.steps[first:])


def _facts(trace: Trace, numbers: dict[str, str]) -> Iterator[str]:
    """What each thread of a deadlock waits for, and how a loop treats each fair thread."""
    for w in trace.stuck:
        yield _note(numbers[w.thread], w.sentence)
    for f in trace.fairness:
        enabled = "enabled throughout" if f.enabled_always else "not always enabled"
        yield _note(numbers[f.thread], f"fair: {enabled}, " + ("takes steps" if f.taken else "takes no step"))


def _messages(trace: Trace, drawn: list[TraceStep], numbers: dict[str, str], over: str) -> Iterator[str]:
    inside = False
    for s in drawn:
        if trace.loop is not None and s.index > trace.loop and not inside:
            yield f"{_INDENT}loop for ever, from state {trace.loop} on"
            inside = True
        yield _message(s, numbers)
        if trace.cause is not None and s.index == trace.cause.step != len(trace.steps):
            yield _note(over, f"step {s.index} made the clause false")
    if inside:
        yield f"{_INDENT}end"
    elif trace.loop is not None:
        yield _note(over, f"state {len(trace.steps)} lasts for ever")


def _message(s: TraceStep, numbers: dict[str, str]) -> str:
    thread = numbers[s.thread]
    to = _STATE if shown(s) or s.thrown else thread
    arrow = "-x" if s.thrown else "->>"
    lock = "takes the lock, " if s.begins_at == "acquire" else ""
    return f"{_INDENT}{thread}{arrow}{to}: {s.index} {lock}{_text(call(s))}"


def _note(over: str, text: str) -> str:
    return f"{_INDENT}Note over {over}: {_text(text)}"


def _verdict(trace: Trace) -> str:
    if not trace.exit:
        return "nothing is violated"
    witness = "" if trace.stuck else ", ".join(f"{inert(k)}={inert(v)}" for k, v in trace.witness)
    what = f"{inert(trace.property)} {inert(trace.name)}: {inert(trace.clause)}" + (f" ({witness})" if witness else "")
    return f"{VERDICTS[trace.exit]}: {what}"


def _text(text: str) -> str:
    """A text in which nothing means anything to Mermaid: no end of a statement, comment, directive, keyword or markup.

    Everything but letters, digits and a few signs is written as a character's number. The word ``end`` is broken up so,
    and so is a word before a colon, because ``wrap:`` at the beginning of a text is an option.
    """
    said = line(text)
    said = said if len(said) <= LONGEST_TEXT else said[: LONGEST_TEXT - 1] + "…"
    out = "".join(c if c in _PLAIN else f"#{ord(c)};" for c in said).strip()
    words = (f"#{ord(w[0])};{w[1:]}" if w.lower() == "end" else w for w in _words(out))
    return "".join(words) or "#32;"


def _words(text: str) -> Iterator[str]:
    """The runs of letters of a text, and what stands between them, in order."""
    start = 0
    for i in range(1, len(text) + 1):
        if i == len(text) or text[i].isalpha() != text[i - 1].isalpha():
            yield text[start:i]
            start = i
