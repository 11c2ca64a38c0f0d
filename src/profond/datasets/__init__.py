"""Data sets by name, as modules with `load_data` like those of `keras.datasets`.

These are the ones inside the package; nothing is downloaded.
"""

from profond.datasets import boston, iris

__all__ = ["boston", "iris"]
