"""Lowering: typed trees to step functions over one flat byte state."""
