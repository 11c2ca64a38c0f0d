"""Layers for the numbers of a table, each feature (column) on its own."""
