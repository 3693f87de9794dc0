"""What a command does not pay for before it needs it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from checker.load import load
from checker.lowering.machine import Machine
from checker.lowering.python_text import Printer

ROOT = Path(__file__).parents[2]


def imported(*arguments: str) -> set[str]:
    """The modules that a command imports."""
    command = [sys.executable, "-X", "importtime", "-m", "checker", *arguments]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return set(re.findall(r"^import time: +\d+ \| +\d+ \| *(\S+)$", run.stderr, re.MULTILINE))


def test_help_imports_the_command_line_only() -> None:
    modules = imported("--help")
    assert {"argparse", "checker.cli.main"} <= modules
    own = {m for m in modules if m.partition(".")[0] in ("checker", "spec", "proofs") and not m.startswith("checker.cli")}
    assert own <= {"checker", "checker.errors", "checker.reduce"}
    heavy = {"z3", "llvmlite", "hypothesis", "greenlet", "ast", "dataclasses", "inspect", "hashlib", "json", "tomllib"}
    assert modules.isdisjoint(heavy)


def test_an_exploration_imports_no_solver() -> None:
    modules = imported("explore", "--depth", "0", "--no-progress")
    assert "checker.lowering.machine" in modules
    assert modules.isdisjoint({"z3", "hypothesis", "checker.symbolic", "checker.cli.prove", "checker.cli.validate"})


def test_no_python_text_before_a_step_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    def printer(*_: object) -> None:
        raise AssertionError("the text is printed")

    monkeypatch.setattr(Printer, "__init__", printer)
    spec = load()
    machine = Machine(spec, spec.scenarios["quick"], {})
    state = bytes(machine.size)
    assert machine.canonical.reductions
    assert len(machine.graphs) == len(machine.thread_layouts) == len(machine.threads) == len(machine.first_points)
    assert len(machine.counts) == len(machine.block_counts())
    assert len(machine.steps_from) == len(machine.point_counts())
    assert len(machine.antecedents) == len(machine.properties)
    assert len(machine.explained) == len(machine.findings)
    assert machine.initial_name in machine.program.functions
    assert machine.lock_order()
    assert machine.waiting_at(state, 0) == ("returned", ())
    assert machine.choice_names(state, 0) == ()
    assert machine.at_rest(state)
    with pytest.raises(AssertionError, match="the text is printed"):
        machine.initial()


def test_the_counters_are_there_from_the_start() -> None:
    spec = load()
    machine = Machine(spec, spec.scenarios["quick"], {})
    counts, steps_from, antecedents = machine.counts, machine.steps_from, machine.antecedents
    assert not any(counts)
    state = machine.initial()
    assert any(counts)
    successors = machine.successors(state)
    assert sum(steps_from) == len(successors)
    for s in successors:
        machine.check(s.state)
    assert any(antecedents)
    assert machine.counts is counts
    assert machine.steps_from is steps_from
    assert machine.antecedents is antecedents


def test_a_machine_keeps_its_parameters_when_the_spec_is_lowered_again() -> None:
    spec, other = load(), load()
    first = Machine(spec, spec.scenarios["quick"], {})
    Machine(spec, spec.scenarios["quick"], {"arena_pages": first.parameters["arena_pages"] + 1})
    assert first.text == Machine(other, other.scenarios["quick"], {}).text
