"""The memory that a scenario's root declares, with refusals that name file and line."""

from __future__ import annotations

import ast
from copy import copy

from checker.errors import LanguageError
from checker.frontend.checks import relative
from checker.load import Spec
from spec.language import ALWAYS, LOCK_FREE, DeclarationError, ParameterError, Property, Scenario
from spec.language.schema import Schema


def memory_of(spec: Spec, scenario: Scenario, threads: int) -> Schema:
    """The schema of a scenario under the parameters that are set.

    Raises
    ------
    LanguageError
        A record declares what the language does not have.
    """
    if not isinstance(scenario.root, type):
        raise LanguageError(scenario.name, f"root={scenario.root!r} is no class; name the class that holds the state")
    try:
        schema = Schema(scenario.root, copy(spec.parameters), threads)  # the spec's own may be set anew for another
    except (DeclarationError, ParameterError) as e:
        raise LanguageError(_place(spec, scenario.root, str(e).partition(":")[0]), str(e)) from e
    except RecursionError as e:
        said = f"{scenario.root.__name__} holds itself by value; write 'record | None' for a reference"
        raise LanguageError(_place(spec, scenario.root, ""), said) from e
    except Exception as e:  # an annotation is Python that typing evaluates: anything can go wrong
        raise LanguageError(
            _place(spec, scenario.root, ""), f"the fields of {scenario.root.__name__} cannot be read: {type(e).__name__}: {e}"
        ) from e
    _require(spec, schema)
    return schema


def root_locks(schema: Schema) -> list[str]:
    """The names of the root's locks."""
    fields = schema.records[schema.root].fields.values()
    return [f.name for f in fields if f.scalar is not None and f.scalar.kind == "lock"]


def require_when(spec: Spec, schema: Schema, prop: Property) -> None:
    """Refuse an invariant that is to hold while a lock is free that the root does not have."""
    root, known = schema.records[schema.root].cls, root_locks(schema)
    first = next(iter(prop.function.__code__.co_varnames), "")
    if prop.function.__annotations__.get(first) not in (root, root.__name__):
        return  # about the root of another scenario
    if prop.kind == "invariant" and prop.when not in (ALWAYS, LOCK_FREE, *known):
        code = prop.function.__code__
        place = f"{relative(spec, code.co_filename)}:{code.co_firstlineno}"
        have = ", ".join(known) or "it has none"
        said = f"property {prop.id} holds when={prop.when!r}, which names no lock of {schema.root} ({have})"
        raise LanguageError(place, said)


def _require(spec: Spec, schema: Schema) -> None:
    locks = root_locks(schema)
    for record in schema.records.values():
        if not (record.cls.__module__ + ".").startswith(spec.package + "."):
            raise LanguageError(
                _place(spec, schema.records[schema.root].cls, ""),
                f"{record.name} is no record of this spec; a field is int, bool, Lock, a record, 'record | None', or a list",
            )
        for f in record.fields.values():
            said = ""
            if f.scalar is not None and f.scalar.kind == "lock" and f.length is not None:
                said = "is an array of locks; declare each lock as a field of its own"
            elif f.racy is not None and f.nested:
                said = f"is a record and marked Racy; mark the fields of {f.nested} that are read without a lock"
            elif f.racy is not None and f.racy.lock and f.racy.lock not in locks:
                known = ", ".join(locks) or "it has none"
                said = f"is marked Racy({f.racy.lock!r}), which names no lock of {schema.root} ({known}); or write Racy()"
            elif f.length is not None and f.length < 0:
                said = f"is an array of {f.length} cells; Size(...) must not be negative"
            elif f.scalar is not None and f.scalar.kind == "range" and f.scalar.lo > f.scalar.hi:
                said = f"has the empty range {f.scalar.lo}..{f.scalar.hi}"
            if said:
                what = f"{record.name}.{f.name}"
                raise LanguageError(_place(spec, record.cls, what), f"{what} {said}")


def _place(spec: Spec, cls: type, what: str) -> str:
    """``file:line`` of ``Record.field`` as far as it can be found."""
    record, _, name = what.partition(".")
    found = ""
    for module, source in spec.sources.items():
        file = relative(spec, spec.modules[module].__file__)
        for node in ast.parse(source).body:
            if not isinstance(node, ast.ClassDef) or node.name not in (record, cls.__name__):
                continue
            fields = {ast.unparse(s.target): s.lineno for s in node.body if isinstance(s, ast.AnnAssign)}
            if node.name == record and name in fields:
                return f"{file}:{fields[name]}"
            if not found or node.name == record:
                found = f"{file}:{node.lineno}"
    return found or cls.__name__
