"""Layers that sum up time or space."""
