"""Layers that bring their input to a common mean and scale."""
