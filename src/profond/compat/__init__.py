"""Scripts written for Keras, run with profond in Keras's place.

`profond run SCRIPT.py` does this from the command line, `keras_as_profond` for a block of code.
"""

from profond.compat._errors import NotAvailableError
from profond.compat._finder import keras_as_profond
from profond.compat._script import run_script

__all__ = ["NotAvailableError", "keras_as_profond", "run_script"]
