"""Names of records and cells: the path from the root, and values as the spec's enumerations name them."""

from __future__ import annotations

from spec.language.schema import Scalar, Schema


class Names:
    """Names for one schema."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self._paths: dict[tuple[str, int], str] = {(schema.root, 1): ""}
        self._walk(schema.root, 1, "")

    def _walk(self, record: str, number: int, path: str) -> None:
        for f in self.schema.records[record].fields.values():
            if not f.nested:
                continue
            for i in range(1 if f.length is None else f.length):
                inner = f"{path}{f.name}" if f.length is None else f"{path}{f.name}[{i}]"
                child = f.first[number - 1] + i
                self._paths[f.nested, child] = inner
                self._walk(f.nested, child, inner + ".")

    def record(self, record: str, number: int) -> str:
        """The path of a record, or None for number 0."""
        return "None" if number == 0 else self._paths[record, number] or record

    def cell(self, record: str, field: str, number: int, index: int | None) -> str:
        """The path of a cell."""
        path = self._paths[record, number]
        name = f"{path}.{field}" if path else field
        return name if index is None else f"{name}[{index}]"

    def value(self, record: str, field: str, value: int) -> str:
        """The content of a cell as text."""
        scalar = self.schema.records[record].fields[field].scalar
        assert scalar is not None
        return self.scalar(scalar, value)

    def scalar(self, scalar: Scalar, value: int) -> str:
        """A value of a cell type as text."""
        if scalar.kind == "ref":
            return self.record(scalar.record, value)
        if scalar.kind == "bool":
            return str(bool(value))
        if scalar.kind == "lock":
            return f"held by thread {value - 1}" if value else "free"
        if scalar.thread:
            return f"thread {value - 1}" if value else "no thread"
        return scalar.names[value] if scalar.names and value < len(scalar.names) else str(value)

    def witness(self, kind: str, value: int) -> str:
        """A witness value: an integer, a truth value, or a record of the type that ``kind`` names."""
        if kind == "bool":
            return str(bool(value))
        return self.record(kind, value) if kind in self.schema.records else str(value)

    def ghost(self, record: str, field: str) -> bool:
        """Whether a cell belongs to the observer."""
        return self.schema.records[record].fields[field].ghost
