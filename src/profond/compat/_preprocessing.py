"""`keras.preprocessing`: the place of `sequence`."""

__all__: list[str] = []
