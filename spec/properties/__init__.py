"""The properties of properties.md as spec functions."""
