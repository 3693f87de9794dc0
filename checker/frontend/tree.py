"""The typed tree of a spec function: what every execution but the plain one starts from."""

from __future__ import annotations

from dataclasses import dataclass, field

from spec.language.schema import Scalar


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: module relative to the spec, file, line, and the function it is in."""

    module: str
    file: str
    line: int
    function: str

    def __str__(self) -> str:
        """``file:line``."""
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Type:
    """The type of an expression.

    Attributes
    ----------
    kind : str
        ``int``, ``bool``, ``ref``, ``none``, ``tuple`` or ``lock``.
    scalar : Scalar or None
        The declared cell type that an integer is known to fit, if any.
    record : str
        Of a reference.
    nullable : bool
    memory : int
        Which state a reference leads into: 0 the present one, 1 the one before the step.
    items : tuple of Type
        Of a tuple.
    """

    kind: str
    scalar: Scalar | None = None
    record: str = ""
    nullable: bool = False
    memory: int = 0
    items: tuple[Type, ...] = ()

    def __str__(self) -> str:
        """As a user would write it."""
        if self.kind == "ref":
            return self.record + (" | None" if self.nullable else "")
        if self.kind == "tuple":
            return "(" + ", ".join(map(str, self.items)) + ")"
        return {"none": "None", "lock": "Lock"}.get(self.kind, self.kind)


INT = Type("int")
BOOL = Type("bool")
NONE = Type("none")


@dataclass(frozen=True, slots=True)
class Expr:
    """Base of expressions."""

    type: Type
    place: Place


@dataclass(frozen=True, slots=True)
class Const(Expr):
    """An integer, truth value or None (as 0)."""

    value: int


@dataclass(frozen=True, slots=True)
class Local(Expr):
    """A parameter or local variable."""

    name: str


@dataclass(frozen=True, slots=True)
class Param(Expr):
    """A scenario parameter or a value derived from parameters."""

    name: str


@dataclass(frozen=True, slots=True)
class Table(Expr):
    """An entry of a constant table of integers."""

    values: tuple[int, ...]
    index: Expr


@dataclass(frozen=True, slots=True)
class Load(Expr):
    """The content of a cell of a record."""

    ref: Expr
    record: str
    field: str
    index: Expr | None


@dataclass(frozen=True, slots=True)
class Nested(Expr):
    """A reference to a record that another holds by value."""

    ref: Expr
    record: str
    field: str
    index: Expr | None


@dataclass(frozen=True, slots=True)
class Unary(Expr):
    """``-``, ``~`` or ``not``."""

    op: str
    operand: Expr


@dataclass(frozen=True, slots=True)
class Binary(Expr):
    """Arithmetic: ``+ - * // % << >> & | ^``, ``min``, ``max``."""

    op: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Compare(Expr):
    """``== != < <= > >=``; references compare by identity."""

    op: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Logic(Expr):
    """``and`` / ``or`` with short circuit."""

    op: str
    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Conditional(Expr):
    """``a if test else b``."""

    test: Expr
    then: Expr
    other: Expr


@dataclass(frozen=True, slots=True)
class Mask(Expr):
    """``u64`` / ``u32``: the low bits, as many as the named parameter says."""

    bits: str
    operand: Expr


@dataclass(frozen=True, slots=True)
class Call(Expr):
    """A call of a spec function by its qualified name ``module.function``."""

    function: str
    args: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class ThreadId(Expr):
    """``thread()``: the number of the executing thread from 1; 0 in an invariant, which no thread executes."""


@dataclass(frozen=True, slots=True)
class Atomic(Expr):
    """``cas`` (values: old, new) or ``xadd`` (values: delta) on a cell."""

    op: str
    ref: Expr
    record: str
    field: str
    values: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Stmt:
    """Base of statements."""

    place: Place


@dataclass(frozen=True, slots=True)
class Assign(Stmt):
    """Local variables get the value, or the items, of an expression."""

    names: tuple[str, ...]
    value: Expr


@dataclass(frozen=True, slots=True)
class Store(Stmt):
    """A cell gets a value."""

    ref: Expr
    record: str
    field: str
    index: Expr | None
    value: Expr


@dataclass(frozen=True, slots=True)
class Do(Stmt):
    """An expression for its effect."""

    value: Expr


@dataclass(frozen=True, slots=True)
class If(Stmt):
    """Two branches."""

    test: Expr
    body: tuple[Stmt, ...]
    other: tuple[Stmt, ...]


@dataclass(frozen=True, slots=True)
class While(Stmt):
    """A loop."""

    test: Expr
    body: tuple[Stmt, ...]


@dataclass(frozen=True, slots=True)
class ForRange(Stmt):
    """A loop over ``range(start, stop)``, bounds taken once."""

    name: str
    start: Expr
    stop: Expr
    body: tuple[Stmt, ...]


@dataclass(frozen=True, slots=True)
class Break(Stmt):
    """Leave the loop."""


@dataclass(frozen=True, slots=True)
class Continue(Stmt):
    """Next round of the loop."""


@dataclass(frozen=True, slots=True)
class Return(Stmt):
    """Leave the function; ``value`` is None, one expression, or several for a tuple."""

    values: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Throw(Stmt):
    """The heap stops itself."""

    message: str


@dataclass(frozen=True, slots=True)
class Count(Stmt):
    """Coverage: the statements from here to the end of the block were reached."""

    block: int


@dataclass(frozen=True, slots=True)
class Given(Stmt):
    """The antecedent of the property was met."""


@dataclass(frozen=True, slots=True)
class Check(Stmt):
    """A clause of a property with its witness."""

    clause: str
    test: Expr
    witness: tuple[tuple[str, Expr], ...]


@dataclass(frozen=True, slots=True)
class EndCheck(Stmt):
    """An end-of-operation property is evaluated here; the first of ``args`` is the root, as the constant 1."""

    property: int
    function: str
    args: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Step(Stmt):
    """``step()``."""


@dataclass(frozen=True, slots=True)
class Wait(Stmt):
    """``wait(cond)``."""

    test: Expr
    rest: bool


@dataclass(frozen=True, slots=True)
class Choose(Stmt):
    """``names = choose(ranges, where=...)``; the guard reads the chosen values under the names in ``bound``."""

    names: tuple[str, ...]
    ranges: tuple[tuple[Expr, Expr], ...]
    bound: tuple[str, ...]
    where: Expr | None


@dataclass(frozen=True, slots=True)
class Acquire(Stmt):
    """``acquire(lock)``: the cell of the lock."""

    ref: Expr
    record: str
    field: str


@dataclass(frozen=True, slots=True)
class Release(Stmt):
    """``release(lock)``."""

    ref: Expr
    record: str
    field: str


@dataclass(slots=True)
class Function:
    """A typed spec function.

    Attributes
    ----------
    name : str
        ``module.function``.
    params : list of str
    types : dict
        Type of each parameter and local.
    result : Type
    body : tuple of Stmt
    place : Place
    go : str
        The Go function it states, such as ``mheap.go:mheap.grow``; empty if none.
    ghost : bool
        The observer's: it stores to ghosts only, and nothing in it is a scheduling point.
    """

    name: str
    params: list[str]
    types: dict[str, Type]
    result: Type
    place: Place
    go: str = ""
    ghost: bool = False
    body: tuple[Stmt, ...] = ()
    annotated: set[str] = field(default_factory=set)
