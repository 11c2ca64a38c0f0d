"""Shapes and types checked at run time, in tests only.

`make test-types` runs the numerical tests so (see tests/conftest.py). Shipped, the checks
would cost 17 us a call.
"""

from typing import Any, Self

from beartype import BeartypeConf, FrozenDict, beartype

# The tower lets an int be a float. jaxtyping decorates methods one by one, where beartype does
# not know the class that `Self` means.
check = beartype(conf=BeartypeConf(is_pep484_tower=True, hint_overrides=FrozenDict({Self: Any})))
