"""An address in the tail waste."""

from __future__ import annotations

from proofs.arithmetic.objects import ASSUMES, wasted
from proofs.kernel import Claim

CLAIM = Claim(
    id="mlookup_waste",
    statement="If a small span's limit is the end of its pages, the object that mlookup finds is one of the span's.",
    go="mheap.go:mlookup",
    function="table.mlookup",
    build=wasted,
    expected="refuted",
    assumptions=ASSUMES,
)
