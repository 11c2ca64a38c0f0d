"""`keras.preprocessing.sequence`: the older place of `keras.utils.pad_sequences`."""

from profond.utils import pad_sequences

__all__ = ["pad_sequences"]
