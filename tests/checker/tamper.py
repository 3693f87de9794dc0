"""Negative controls for `checker validate`: a good log with one thing changed must be refused.

``python -m tests.checker.tamper [LOG [COUNT]]`` runs the full control, 1,000 tamperings of each kind, and lists each
one that was accepted with the reason. A log in which spans are reclaimed is also tampered with there.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checker.load import load
from checker.validate.format import AMBIENT
from checker.validate.log import Event, Log, read
from checker.validate.replay import Validator

DATA = Path(__file__).resolve().parents[1] / "data"
CONTROL = DATA / "f_script-64k-p1.jsonl.gz"
SINGLE = {"init", "sweepgen", "copyspans", "sweep_pace"}
RECLAIM = ("reclaim_begin", "reclaim_unlock", "reclaim_lock", "reclaim_end", "sweepone")
TIMES = {"ts", "now"}
INPUTS = {"seq", "mode", "heap_distance"}


REASONS = {
    ("sweep_end", "nfreed"): "how many objects died is an input, within what the span held and holds next time",
    ("sweep_begin", "alloccount"): "the object count of a small span is an input between two sweeps",
    ("zeroed", "want"): "whether a large object is wanted zeroed is its client's choice",
    ("sweepdone", "m"): "any thread may be the one that runs past the end",
    ("sweepdone", "idx"): "with several Ps, several threads can have run past the end",
    ("stk_pool_defer", "order"): "the order of a pool span is its client's choice",
    ("stk_pool_defer", "m"): "any thread may free the last stack of a pool span",
    ("free_stack_begin", "why"): "a span of four pages may hold pool stacks or one large stack",
}
"""Why a change of a field can be undetectable: the format leaves it open (the field without ``st.``)."""


@dataclass(frozen=True)
class Tampering:
    """A tampered log and what was done to it."""

    what: str
    log: Log
    place: tuple[str, str] = ("", "")

    @property
    def reason(self) -> str:
        """Why it may be accepted, or an empty string."""
        return REASONS.get(self.place, "")


def excluded(event: Event, field: str) -> bool:
    """Whether the field is an input or a time, which no prediction can contradict."""
    if field in INPUTS or field in TIMES or field == "ev" or field.startswith("unused") or field == "found_unused":
        return True
    if field == "m":
        return event["ev"] in SINGLE
    small_or_stack = event.get("sizeclass") != 0 or event.get("state") == "stack"
    return field == "alloccount" and small_or_stack


def places(log: Log, kinds: tuple[str, ...] = ()) -> list[tuple[int, str]]:
    """All values that may be tampered with, as (event, field or st.field); ``kinds`` restricts to those and to st."""
    out = []
    for i, e in enumerate(log.events):
        for field, value in e.items():
            if field == "st":
                out += [(i, f"st.{name}") for name in value]
            elif not excluded(e, field) and (not kinds or e["ev"] in kinds):
                out.append((i, field))
    return out


def other(rng: random.Random, value: Any, pool: list[Any]) -> Any:
    """A different value of the same type."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        while True:
            new = rng.choice(
                [
                    value + 1,
                    value - 1,
                    value + rng.randrange(-64, 65),
                    value * 2,
                    0,
                    1,
                    rng.randrange(1 << 20),
                    rng.choice(pool),
                ]
            )
            if type(new) is int and new != value:
                return new
    choices = sorted({v for v in pool if isinstance(v, str) and v != value})
    return rng.choice([*choices, f"{value}x"])


def tamper_value(rng: random.Random, log: Log, where: list[tuple[int, str]], pools: dict[str, list[Any]]) -> Tampering:
    """Change one value, keeping its type."""
    i, field = rng.choice(where)
    event = dict(log.events[i])
    target, name = event, field
    if field.startswith("st."):
        target = event["st"] = dict(event["st"])
        name = field[3:]
    old = target[name]
    target[name] = other(rng, old, pools[field])
    events = list(log.events)
    events[i] = event
    what = f"event {i} ({event['ev']}): {field} {old!r} -> {target[name]!r}"
    return Tampering(what, Log(log.path, log.header, events), (event["ev"], field))


def tamper_structure(rng: random.Random, log: Log) -> Tampering:
    """Drop a locked event, or swap two that are adjacent among the locked ones; renumber and adjust the header."""
    locked = [i for i, e in enumerate(log.events) if "st" in e or e["ev"] == "snap_span"]
    events = list(log.events)
    if rng.random() < 0.5:
        i = rng.choice(locked)
        what = f"dropped event {i} ({events[i]['ev']})"
        del events[i]
    else:
        k = rng.randrange(len(locked) - 1)
        i, j = locked[k], locked[k + 1]
        what = f"swapped events {i} ({events[i]['ev']}) and {j} ({events[j]['ev']})"
        events[i], events[j] = events[j], events[i]
    events = [e if e["seq"] == n else {**e, "seq": n} for n, e in enumerate(events)]
    return Tampering(what, Log(log.path, {**log.header, "events": len(events)}, events))


def tamper_sweep(rng: random.Random, log: Log) -> Tampering:
    """Drop one whole sweep that kept its span: its claim by sweepone or by reclaim, its beginning and its end."""
    ends = [i for i, e in enumerate(log.events) if e["ev"] == "sweep_end" and not e["freed"]]
    while True:
        end = rng.choice(ends)
        m = log.events[end]["m"]
        mine = [i for i in range(max(0, end - 64), min(len(log.events), end + 64)) if log.events[i]["m"] == m]
        k = mine.index(end)
        kinds = [log.events[i]["ev"] for i in mine[k - 2 : k + 2]]
        if kinds[:2] == ["sweepone", "sweep_begin"]:
            gone = mine[k - 2 : k + 1]
        elif kinds == ["reclaim_unlock", "sweep_begin", "sweep_end", "reclaim_lock"]:
            gone = mine[k - 2 : k + 2]
        else:
            continue
        kept = [e for i, e in enumerate(log.events) if i not in gone]
        events = [e if e["seq"] == n else {**e, "seq": n} for n, e in enumerate(kept)]
        what = f"dropped the sweep of events {gone[0]} ({kinds[0]}) to {gone[-1]}"
        return Tampering(what, Log(log.path, {**log.header, "events": len(events)}, events))


def value_pools(log: Log) -> dict[str, list[Any]]:
    """The values that each field takes in the log."""
    pools: dict[str, set[Any]] = {}
    for e in log.events:
        for field, value in e.items():
            if field == "st":
                for name, counter in value.items():
                    pools.setdefault(f"st.{name}", set()).add(counter)
            else:
                pools.setdefault(field, set()).add(value)
    return {k: sorted(v, key=repr) for k, v in pools.items()}


def tamperings(log: Log, kind: str, count: int, seed: int) -> Iterator[Tampering]:
    """A reproducible sequence of tamperings of one kind.

    ``value`` and ``structure`` take any event, ``core`` free, alloc, scav_span and st, ``reclaim`` the own fields of reclaim's
    events and of sweepone, and ``sweep`` drops whole sweeps.
    """
    rng = random.Random(seed)
    if kind in ("structure", "sweep"):
        for _ in range(count):
            yield tamper_structure(rng, log) if kind == "structure" else tamper_sweep(rng, log)
        return
    pools = value_pools(log)
    where = places(log, {"core": ("free", "alloc", "scav_span"), "reclaim": RECLAIM}.get(kind, ()))
    if kind == "reclaim":
        where = [(i, field) for i, field in where if not field.startswith("st.") and field not in AMBIENT]
    for _ in range(count):
        yield tamper_value(rng, log, where, pools)


def accepted(validator: Validator, log: Log, kind: str, count: int, seed: int) -> list[Tampering]:
    """The tamperings that the validator did not notice."""
    return [t for t in tamperings(log, kind, count, seed) if validator.judge(t.log).verdict == "ok"]


def main() -> None:
    """Run the full control on one log."""
    log = read(Path(sys.argv[1]) if len(sys.argv) > 1 else CONTROL)
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    validator = Validator(load())
    assert validator.judge(log).verdict == "ok"
    kinds = ["value", "structure", "core"]
    if any(e["ev"] == "reclaim_unlock" and e["reason"] == "span" for e in log.events):
        kinds += ["reclaim", "sweep"]
    for kind in kinds:
        missed = accepted(validator, log, kind, count, seed=1)
        print(f"{kind}: {count - len(missed)} of {count} refused ({100 * (1 - len(missed) / count):.1f}%)")
        for t in missed:
            print(f"  accepted: {t.what}: {t.reason or 'NO REASON KNOWN'}")


if __name__ == "__main__":
    main()
