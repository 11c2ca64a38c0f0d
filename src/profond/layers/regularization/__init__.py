"""Layers that keep a network from fitting noise."""
