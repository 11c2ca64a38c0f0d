"""Which rows of a set of series or images are kept aside to measure on."""

from typing import Literal, Self

from pydantic import model_validator

from profond.estimators._section import Section, setting

_WHOLE = "a whole number of at least"


class SetSplit(Section):
    """Which rows are learned from, and which are kept aside to measure on."""

    kind: Literal["auto", "given", "random"] = setting(
        "auto",
        "As the set says (its training and test parts), at random, or as the set says where it "
        "does and else at random.",
        "one of auto, given, random",
    )
    test_size: float = setting(
        0.2, "Share of the rows in the test part.", "a number between 0 and 1", gt=0, lt=1
    )
    seed: int = setting(0, "Seed of the test part, the same for all networks.",
                        f"{_WHOLE} 0", ge=0)  # fmt: skip
    folds: int | None = setting(
        None, "Folds of a cross-validation, in the place of one test part.",
        f"{_WHOLE} 2, or none", ge=2,
    )  # fmt: skip
    repeats: int = setting(1, "Repeats of the cross-validation, each with other folds.",
                           f"{_WHOLE} 1", ge=1)  # fmt: skip

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.folds is not None and self.kind == "given":
            raise ValueError(
                "`split.folds` cannot be given where the set says which series are the test part; "
                f"received {self.folds}."
            )
        if self.repeats > 1 and self.folds is None:
            raise ValueError(f"`split.repeats` needs `split.folds`; received {self.repeats}.")
        return self
