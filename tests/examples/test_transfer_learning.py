"""The worked example of transfer learning runs, and shows the gain."""

import os
import re
from pathlib import Path

import pytest

from examples.transfer_learning import main

DATA = Path(os.environ.get("PROFOND_DATA", Path(__file__).parents[2].parent / "shared" / "data"))


@pytest.mark.slow
def test_what_is_known_helps_with_few_examples(capsys, monkeypatch):
    if not (DATA / "mnist").is_dir():
        pytest.skip("the data set mnist is not here (PROFOND_DATA)")
    monkeypatch.setenv("PROFOND_DATA", str(DATA))
    main(["--examples", "2", "--seeds", "4", "--epochs", "20"])
    out = capsys.readouterr().out
    assert "2 examples of each new digit" in out
    means = {
        name: float(re.search(rf"{name}\s+\D*([01]\.\d+)", out).group(1))
        for name in ("from scratch", "pretrained on 0 to 4")
    }
    assert means["pretrained on 0 to 4"] > means["from scratch"]
