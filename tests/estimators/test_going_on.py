"""What a further `fit` with `warm_start` and `partial_fit` may change, and what they may not."""

import numpy as np
import pytest

from tests.estimators.helpers import regressor, table


@pytest.mark.parametrize("warm", [True, False])
def test_negative_values_after_a_target_without_are_refused(warm):
    frame, y = table(60)
    model = regressor(epochs=1, warm_start=True)
    go_on = model.fit if warm else model.partial_fit
    go_on(frame, y - y.min())
    with pytest.raises(ValueError, match=r"`y` has negative values, and in the first fit"):
        go_on(frame, y)
    linear = regressor(epochs=1, output="linear", warm_start=True)
    go_on = linear.fit if warm else linear.partial_fit
    assert go_on(frame, y - y.min()) is go_on(frame, y - 100)


@pytest.mark.parametrize(
    "changed", [{"hidden": (4,)}, {"numbers": "plain"}, {"architecture": "resnet"}]
)
def test_a_network_of_another_kind_cannot_go_on(changed):
    frame, y = table(40)
    model = regressor(epochs=1, warm_start=True).fit(frame, y)
    with pytest.raises(ValueError, match=r"`warm_start` goes on from the weights of the first fit"):
        model.set_params(**changed).fit(frame, y)
    assert np.isfinite(model.set_params(warm_start=False).fit(frame, y).predict(frame)).all()


def test_another_number_of_networks_cannot_go_on():
    frame, y = table(40)
    model = regressor(epochs=1, warm_start=True).fit(frame, y)
    with pytest.raises(ValueError, match=r"`seeds` must stay 1 with `warm_start`.* received 3\."):
        model.set_params(seeds=3).fit(frame, y)


def test_passes_after_a_fit_are_the_same_each_time():
    frame, y = table(60)
    model = regressor(epochs=1)
    first = model.fit(frame, y).partial_fit(frame, y).predict(frame)
    np.testing.assert_array_equal(model.fit(frame, y).partial_fit(frame, y).predict(frame), first)
