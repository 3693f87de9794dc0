"""The version of the tool, as its package states it."""

from __future__ import annotations

VERSION = "0.2.0"
"""Written once: pyproject.toml takes it from here."""
