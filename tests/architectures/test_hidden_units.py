import numpy as np
import pytest

from profond.architectures import mlp, residual_mlp


@pytest.mark.wrong_types
@pytest.mark.parametrize("build", [mlp, residual_mlp])
def test_units_of_hidden_layers_are_a_list(build):
    for wrong in (64, None, "64"):
        with pytest.raises(TypeError, match=r"`hidden` must be a list of the units of each layer"):
            build(3, 1, hidden=wrong)
    with pytest.raises(ValueError, match=r"`units` must be a positive integer; received units=0"):
        build(3, 1, hidden=(4, 0))
    assert build(3, 2, hidden=np.array([4, 5])).output_shape == (None, 2)


def test_a_residual_network_has_a_block():
    assert mlp(3, 1, hidden=()).output_shape == (None, 1)
    with pytest.raises(ValueError, match=r"`hidden` of a residual network must give the units"):
        residual_mlp(3, 1, hidden=())
