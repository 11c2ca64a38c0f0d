"""Convolutions: the same weights at each place of a series or an image (chapter 6)."""
