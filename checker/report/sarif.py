"""Results as SARIF 2.1.0: a rule for each property, a result for each violation, its steps as a code flow.

A code flow has a thread flow for each thread; ``executionOrder`` is the number of the step, so that the interleaving can be
put together again. Paths are relative to SRCROOT, the folder that holds the spec's folder; where that is, the reader says.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from checker.report.checked import Checked
from checker.report.ci import Failure, Place, call, change, failures, first_place, line, shown, threads_of, undecided, vacuous
from checker.report.style import inert
from checker.trace.trace import Trace, TraceStep
from checker.version import VERSION

Json = dict[str, Any]
SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def sarif(checked: Sequence[Checked]) -> str:
    """The log, as JSON in ASCII: one run, with an invocation for each scenario that was checked."""
    rules = _rules(checked)
    index = {rule["id"]: i for i, rule in enumerate(rules)}
    results = []
    for i, c in enumerate(checked):
        results += [_result(f, c, i, index) for f in failures(c)]
        results += [_finding(f, c, i, index) for f in c.result["known_findings"]]
    root = "The folder that holds the specification's folder."
    run = {
        "tool": {"driver": {"name": "checker", "version": VERSION, "semanticVersion": VERSION, "rules": rules}},
        "invocations": [_invocation(c) for c in checked],
        "originalUriBaseIds": {"SRCROOT": {"description": _message(root)}},
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1) + "\n"


def _rules(checked: Sequence[Checked]) -> list[Json]:
    """A rule for each id of the catalogue, in its order; several properties may share one."""
    names: dict[str, dict[str, str]] = {}
    verdicts: dict[str, dict[str, Json]] = {}
    for c in checked:
        meanings = {(t.property, t.name): t.meaning for t in c.traces}
        for row in c.result["properties"]:
            id, name = inert(row["id"]), inert(row["name"])
            meaning = row.get("meaning") or meanings.get((row["id"], row["name"]), "")
            known = names.setdefault(id, {})
            known[name] = known.get(name) or line(meaning)
            verdicts.setdefault(id, {}).setdefault(name, {})[inert(c.name)] = row["verdict"]
        for f in failures(c):
            names.setdefault(inert(f.id), {}).setdefault(inert(f.name), "")
        for f in c.result["known_findings"]:
            names.setdefault(inert(f["property"]), {})
    return [_rule(id, known, verdicts.get(id, {})) for id, known in names.items()]


def _rule(id: str, known: Mapping[str, str], verdicts: Json) -> Json:
    full = "; ".join(f"{name}: {meaning}" if meaning else name for name, meaning in known.items()) or id
    rule: Json = {
        "id": id,
        "shortDescription": _message(line("; ".join(known) or id)),
        "fullDescription": _message(line(full)),
        "help": _message(line(full)),
        "defaultConfiguration": {"level": "error"},
        "properties": {"verdicts": verdicts},
    }
    if len(known) == 1:
        words = "".join(c if c.isalnum() else " " for c in next(iter(known))).split()
        rule["name"] = "".join(w[:1].upper() + w[1:] for w in words) or id
    return rule


def _invocation(c: Checked) -> Json:
    """How one check went; what it leaves open is a notification."""
    r, name = c.result, inert(c.name)
    open_ = undecided(r)
    notes = [{"level": "error", "message": _message(f"{name}: {open_}")}] if open_ else []
    idle = vacuous([c])
    if idle:
        said = f"{name}: what these properties speak about never happened: {', '.join(idle)}"
        notes.append({"level": "note", "message": _message(line(said))})
    return {
        "executionSuccessful": not open_,
        "exitCode": r["exit"],
        "toolExecutionNotifications": notes,
        "properties": {
            "name": name,
            "scenario": inert(r["scenario"]),
            "atomicity": inert(r["atomicity"]),
            "parameters": {inert(k): v if isinstance(v, int) else inert(v) for k, v in r["parameters"].items()},
            "verdict": inert(r["verdict"]),
            "exhaustive": r["exhaustive"],
            "depth": r["depth"],
            "states": r["states"],
            "transitions": r["transitions"],
        },
    }


def _result(f: Failure, c: Checked, invocation: int, rules: Mapping[str, int]) -> Json:
    said = f"{inert(f.name)}: {f.what}" + (f". {f.cause}" if f.cause else "")
    steps = [] if f.trace is None else [[s.thread, s.action] for s in f.trace.steps]
    result: Json = {
        "ruleId": inert(f.id),
        "ruleIndex": rules[inert(f.id)],
        "level": "error",
        "message": _message(line(said)),
        "locations": [_location(f.at, c.result["scenario"])],
        "partialFingerprints": {
            "violation/v1": _hash(f.id, f.name, f.clause, c.result["scenario"], steps),
        },
        "provenance": {"invocationIndex": invocation},
        "properties": {"scenario": inert(c.name), "kind": f.kind, "exit": f.exit, "steps": f.steps},
    }
    if f.trace is not None:
        result["properties"]["spec"] = inert(f.trace.spec)
        if f.trace.steps:
            result["codeFlows"] = [_flow(f.trace)]
        related = _related(f.trace)
        if related:
            result["relatedLocations"] = related
    return result


def _finding(f: Mapping[str, Any], c: Checked, invocation: int, rules: Mapping[str, int]) -> Json:
    """A known finding: a note that is suppressed for its reason."""
    said = f"known finding {inert(f['id'])}: {line(f['title'])} ({inert(f['clause'])}); seen {f['seen']:,} times"
    return {
        "ruleId": inert(f["property"]),
        "ruleIndex": rules[inert(f["property"])],
        "level": "note",
        "message": _message(said),
        "locations": [_location(None, c.result["scenario"])],
        "partialFingerprints": {"finding/v1": _hash(f["id"], f["property"], f["clause"], c.result["scenario"])},
        "provenance": {"invocationIndex": invocation},
        "suppressions": [{"kind": "external", "status": "accepted", "justification": line(f["reason"])}],
        "properties": {"scenario": inert(c.name), "finding": inert(f["id"])},
    }


def _flow(trace: Trace) -> Json:
    flow: Json = {
        "threadFlows": [
            {
                "id": f"thread-{i}",
                "message": _message(inert(thread)),
                "locations": [_step(trace, s) for s in trace.steps if s.thread == thread],
            }
            for i, thread in enumerate(threads_of(trace))
        ]
    }
    if trace.loop is not None:
        last = len(trace.steps)
        said = f"Steps {trace.loop + 1} to {last} repeat for ever." if trace.loop < last else f"State {last} lasts for ever."
        flow["message"] = _message(said)
    return flow


def _step(trace: Trace, s: TraceStep) -> Json:
    changes = "; ".join(map(change, shown(s)))
    said = f"step {s.index}: {inert(s.thread)}: {call(s)}" + (f": {changes}" if changes else "")
    kinds = ["acquire"] * (s.begins_at == "acquire") + ["release"] * (s.ends_at == "released")
    needless = trace.cause is not None and any(n.step == s.index and not n.needed for n in trace.cause.needs)
    made_false = trace.cause is not None and trace.cause.step == s.index
    location: Json = {
        "executionOrder": s.index,
        "importance": "essential" if made_false else "unimportant" if needless else "important",
        "location": {**_location(first_place([s.source]), s.function, "function"), "message": _message(line(said))},
        "state": {inert(c.cell): _message(inert(c.after)) for c in s.changed},
    }
    return {**location, "kinds": kinds} if kinds else location


def _related(trace: Trace) -> list[Json]:
    """Where the last step begins, and where each thread of a deadlock waits."""
    said = [(s.source, f"the last step, {s.index}: {inert(s.thread)}: {call(s)}") for s in trace.steps[-1:]]
    said += [(w.source, f"{inert(w.thread)} {line(w.sentence)}") for w in trace.stuck]
    places = [(first_place([source]), text) for source, text in said]
    known = [(p, text) for p, text in places if p is not None]
    return [{"id": i, "physicalLocation": _physical(p), "message": _message(t)} for i, (p, t) in enumerate(known, start=1)]


def _location(place: Place | None, logical: str, kind: str = "") -> Json:
    """A place, and the scenario or function that it belongs to."""
    name: Json = {"fullyQualifiedName": inert(logical)}
    where: Json = {"logicalLocations": [{**name, "kind": kind} if kind else name]}
    return where if place is None else {"physicalLocation": _physical(place), **where}


def _physical(place: Place) -> Json:
    uri = quote(place.file, safe="/")
    return {"artifactLocation": {"uri": uri, "uriBaseId": "SRCROOT"}, "region": {"startLine": place.line}}


def _message(text: str) -> Json:
    """A message in which nothing is a placeholder or an embedded link."""
    return {"text": text.replace("{", "{{").replace("}", "}}").replace("](", "] (") or "-"}


def _hash(*parts: object) -> str:
    """What stays the same when lines move."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
