"""Layers that arrange the same values in another shape."""
