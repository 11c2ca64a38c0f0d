"""Layers that prepare raw data for a network."""
