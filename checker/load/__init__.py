"""Finding, editing and loading a spec package."""

from checker.load.package import Spec, load

__all__ = ["Spec", "load"]
