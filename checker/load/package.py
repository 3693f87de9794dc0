"""Loading a spec under a private package name, so that several specs and variants live side by side.

The spec's own modules import each other relatively and the language absolutely; a spec is code and trusted as such.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import itertools
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType

from checker.errors import LanguageError
from checker.load.edit import apply_edits
from spec.language import (
    Edit,
    Finding,
    Forget,
    Landmark,
    Parameters,
    Picture,
    Property,
    RealOrder,
    Scenario,
    Sequences,
    Unreached,
    Variant,
)

INSTALLED = Path(__file__).resolve().parents[2] / "spec"
_serial = itertools.count()
_LANGUAGE = "language"


@dataclass(frozen=True)
class Spec:
    """A loaded spec package and what it declares.

    Attributes
    ----------
    directory : Path
    package : str
        Its private name in ``sys.modules``.
    modules, sources : dict
        By name relative to the package (``free``, ``environment.os``); sources are as executed, edits applied.
    parameters : Parameters
        The object that the spec's functions read.
    scenarios, variants, findings : dict
        By name or id.
    properties : list of Property
        In order of id.
    landmarks, pictures : list
    forgets : list of Forget
    real_order : RealOrder or None
    unreached : list of Unreached
    digest : str
        Hash of all sources.
    edited : bool
        A variant's changes were applied: what is declared about the text of a function may not fit it.
    sequences : dict
        By name.
    """

    directory: Path
    package: str
    modules: dict[str, ModuleType]
    sources: dict[str, str]
    parameters: Parameters
    scenarios: dict[str, Scenario]
    variants: dict[str, Variant]
    findings: dict[str, Finding]
    properties: list[Property]
    landmarks: list[Landmark]
    pictures: list[Picture]
    forgets: list[Forget]
    real_order: RealOrder | None
    unreached: list[Unreached]
    digest: str
    edited: bool = False
    sequences: dict[str, Sequences] = field(default_factory=dict)


class _Finder(importlib.abc.MetaPathFinder):
    """Finds the modules of one privately named package, with edits applied to their text."""

    def __init__(self, package: str, directory: Path, edits: Sequence[Edit]) -> None:
        self.package = package
        self.directory = directory
        self.edits = edits
        self.sources: dict[str, str] = {}

    def find_spec(self, fullname: str, path: object, target: object = None) -> importlib.machinery.ModuleSpec | None:
        if fullname != self.package and not fullname.startswith(self.package + "."):
            return None
        relative = fullname[len(self.package) + 1 :]
        stem = self.directory.joinpath(*relative.split(".")) if relative else self.directory
        if stem.is_dir():
            file, search = stem / "__init__.py", [str(stem)]
        else:
            file, search = stem.with_suffix(".py"), None
        if not file.is_file() and search is None:
            return None
        loader = _Loader(self, relative, file)
        return importlib.util.spec_from_file_location(fullname, file, loader=loader, submodule_search_locations=search)


class _Loader(importlib.abc.Loader):
    """Compiles one module from its edited text."""

    def __init__(self, finder: _Finder, relative: str, file: Path) -> None:
        self.finder = finder
        self.relative = relative
        self.file = file

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        text = self.file.read_text() if self.file.is_file() else ""
        text = apply_edits(self.relative, text, self.finder.edits)
        self.finder.sources[self.relative] = text
        exec(compile(text, str(self.file), "exec"), module.__dict__)


def load(directory: Path | None = None, edits: Iterable[Edit] = ()) -> Spec:
    """Load the spec in a folder, the installed one by default, with a variant's edits applied.

    Raises
    ------
    LanguageError
        A module cannot be imported, an edit does not fit, or the package declares no parameters.
    """
    directory = (directory or INSTALLED).resolve()
    if not directory.is_dir():
        raise LanguageError(str(directory), "no such folder; --spec takes the folder of a spec package")
    package = f"_spec_{next(_serial)}"
    finder = _Finder(package, directory, tuple(edits))
    sys.meta_path.insert(0, finder)
    try:
        modules = {name: _import(package, name, directory) for name in _module_names(directory)}
    finally:
        sys.meta_path.remove(finder)
    for edit in finder.edits:
        if edit.function.rpartition(".")[0] not in finder.sources:
            raise LanguageError(edit.function, "an edit names this function, but the spec has no such module")
    return replace(_collect(directory, package, modules, finder.sources), edited=bool(finder.edits))


def _module_names(directory: Path) -> list[str]:
    names = [""]
    for file in sorted(directory.rglob("*.py")):
        parts = list(file.relative_to(directory).with_suffix("").parts)
        if parts[0] == _LANGUAGE or any(p.startswith(".") for p in parts):
            continue
        if parts[-1] == "__init__":
            parts.pop()
        if parts:
            names.append(".".join(parts))
    return names


def _import(package: str, name: str, directory: Path) -> ModuleType:
    full = f"{package}.{name}" if name else package
    try:
        return importlib.import_module(full)
    except LanguageError:
        raise
    except SyntaxError as e:
        raise LanguageError(f"{e.filename}:{e.lineno}", f"not Python: {e.msg}") from e
    except Exception as e:
        trace, place = e.__traceback__, str(directory / name.replace(".", "/"))
        while trace is not None:
            if trace.tb_frame.f_code.co_filename.startswith(str(directory)):
                place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
            trace = trace.tb_next
        raise LanguageError(place, f"the module cannot be imported: {type(e).__name__}: {e}") from e


def _collect(directory: Path, package: str, modules: dict[str, ModuleType], sources: dict[str, str]) -> Spec:
    parameters: list[Parameters] = []
    scenarios: dict[str, Scenario] = {}
    sequences: dict[str, Sequences] = {}
    variants: dict[str, Variant] = {}
    findings: dict[str, Finding] = {}
    properties: list[Property] = []
    landmarks: list[Landmark] = []
    pictures: list[Picture] = []
    forgets: list[Forget] = []
    real_orders: list[RealOrder] = []
    unreached: list[Unreached] = []
    for module in modules.values():
        for value in vars(module).values():
            if isinstance(value, Parameters) and value not in parameters:
                parameters.append(value)
            elif isinstance(value, Scenario):
                scenarios[value.name] = value
            elif isinstance(value, Sequences):
                sequences[value.name] = value
            elif isinstance(value, Variant):
                variants[value.id] = value
            elif isinstance(value, Finding):
                findings[value.id] = value
            elif isinstance(value, Landmark) and value not in landmarks:
                landmarks.append(value)
            elif isinstance(value, Picture) and value not in pictures:
                pictures.append(value)
            elif isinstance(value, (Forget, RealOrder, Unreached)):
                _add(value, forgets, real_orders, unreached)
            marked = getattr(value, "__dict__", {}).get("__property__") if callable(value) else None
            if isinstance(marked, Property) and marked not in properties:
                properties.append(marked)
    if len(parameters) != 1:
        raise LanguageError(str(directory), f"a spec makes exactly one Parameters object; {len(parameters)} were found")
    if len(real_orders) > 1:
        raise LanguageError(str(directory), f"a spec makes at most one RealOrder; {len(real_orders)} were found")
    properties.sort(key=lambda p: (p.id[:1], int("0" + "".join(c for c in p.id if c.isdigit())), p.name))
    text = "".join(f"{k}\0{sources[k]}\0" for k in sorted(sources))
    return Spec(
        directory=directory,
        package=package,
        modules=modules,
        sources=sources,
        parameters=parameters[0],
        scenarios=dict(sorted(scenarios.items())),
        variants=dict(sorted(variants.items())),
        findings=dict(sorted(findings.items())),
        properties=properties,
        landmarks=landmarks,
        pictures=pictures,
        forgets=forgets,
        real_order=real_orders[0] if real_orders else None,
        unreached=unreached,
        digest=hashlib.sha256(text.encode()).hexdigest(),
        sequences=dict(sorted(sequences.items())),
    )


def _add(
    value: Forget | RealOrder | Unreached, forgets: list[Forget], real_orders: list[RealOrder], unreached: list[Unreached]
) -> None:
    """Put a declaration with its own kind, once, however many modules import it."""
    if isinstance(value, Forget):
        if value not in forgets:
            forgets.append(value)
    elif isinstance(value, RealOrder):
        if value not in real_orders:
            real_orders.append(value)
    elif value not in unreached:
        unreached.append(value)
