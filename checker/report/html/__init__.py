"""A counterexample as one HTML page that needs nothing else: no network, no server, and no JavaScript for what matters.

`render` takes a trace and returns the page. Text of a trace enters it through `markup.el` alone, which escapes it; a
content security policy lets only this room's own script and style run, by their hashes.
"""

from __future__ import annotations

from checker.report.html.page import render

__all__ = ["render"]
