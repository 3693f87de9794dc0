"""The spec is complete, its README tells the truth, and it depends on nothing but its language."""

import ast
import inspect
import re
from pathlib import Path

import pytest
from harness import spec_with

import spec

FOLDER = Path(spec.__file__).parent
FILES = sorted(FOLDER.rglob("*.py"))
SEED = """
    mspan.init mspan.base mspan.layout mspan.inList
    mSpanList.init mSpanList.remove mSpanList.insert mSpanList.insertBack mSpanList.isEmpty
    mheap.init recordspan mheap.mapSpans mheap.lookup mheap.lookupMaybe inheap inHeapOrStack spanOf spanOfUnchecked mlookup
    mheap.alloc_m mheap.alloc mheap.allocStack mheap.allocSpanLocked mheap.allocLarge bestFit mheap.grow
    mheap.freeSpan mheap.freeStack mheap.freeSpanLocked mheap.freeList mheap.busyList scavengelist mheap.scavenge
    mheap.reclaimList mheap.reclaim runtime_debug_freeOSMemory
    addspecial removespecial newMarkBits newAllocBits newArena
"""


def documented():
    """(name in mheap.go, spec function, file) of every docstring that names its origin there."""
    out = set()
    for module, text in spec_with().sources.items():
        for node in ast.parse(text).body:
            if isinstance(node, ast.FunctionDef):
                origin = re.search(r"^\s*Go: mheap\.go:(\S+)$", ast.get_docstring(node) or "", re.MULTILINE)
                if origin:
                    out.add((origin[1], node.name, module.replace(".", "/") + ".py"))
    return out


def table():
    rows = re.findall(r"^\| `([\w.]+)` \| `(\w+)` \| `([\w/]+\.py)` \|$", (FOLDER / "README.md").read_text(), re.MULTILINE)
    assert len(rows) == len(set(rows))
    return set(rows)


def test_every_function_of_the_seed_has_its_spec_function():
    assert {origin for origin, _, _ in documented()} == set(SEED.split())


def test_the_table_of_the_readme_is_the_docstrings():
    assert table() == documented()


def test_the_readme_lists_the_deviations():
    found = set()
    for module, text in spec_with().sources.items():
        for node in ast.parse(text).body:
            lines = text.splitlines()[node.lineno - 1 : node.end_lineno]
            if any("Deviation:" in line for line in lines):
                assert isinstance(node, ast.FunctionDef)
                found.add(f"{module}.{node.name}")
    section = (FOLDER / "README.md").read_text().split("## Deviations")[1].split("\n## ")[0]
    assert set(re.findall(r"^- `([\w.]+)`:", section, re.MULTILINE)) == found


def test_the_readme_lists_the_findings():
    section = (FOLDER / "README.md").read_text().split("## Findings")[1]
    listed = dict(re.findall(r"^\| `(F\d+\w*)` \| (P\d+) \|", section, re.MULTILINE))
    assert listed == {f.id: f.property for f in spec_with().findings.values()}


@pytest.mark.parametrize("file", FILES, ids=[str(f.relative_to(FOLDER)) for f in FILES])
def test_the_spec_imports_nothing_of_the_tool(file):
    language = "language" in file.relative_to(FOLDER).parts
    for node in ast.walk(ast.parse(file.read_text())):
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [node.module]
        for name in names:
            assert name.split(".")[0] not in ("checker", "proofs", "tests"), name
            if not language:
                assert name in ("__future__", "typing", "collections.abc", "spec.language"), name


def test_every_property_function_checks_or_tells_the_truth_and_says_what_it_demands():
    for p in spec_with().properties:
        returns = "bool" if p.kind in ("reachable", "liveness") else "None"
        assert str(inspect.signature(p.function).return_annotation) == returns
        assert p.function.__doc__


def test_the_catalogued_properties_are_there():
    ids = {p.id for p in spec_with().properties}
    assert ids >= {f"P{n}" for n in (1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 23, 24, 25)}


def test_scenarios_decide_properties_that_exist_and_have_legal_parameters():
    loaded = spec_with()
    ids = {p.id for p in loaded.properties} | {"P6", "P26"}  # throws and deadlocks have no function
    for scenario in loaded.scenarios.values():
        assert set(scenario.decides) <= ids
        assert "\n" not in scenario.purpose
        loaded.parameters.reset(scenario.parameters)
    for variant in loaded.variants.values():
        loaded.parameters.reset({**loaded.scenarios[variant.scenario].parameters, **variant.parameters})
        assert variant.property in loaded.scenarios[variant.scenario].decides
