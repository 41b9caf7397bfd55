import numpy as np
import pytest

from superbatch.importance_sampling import (
    FieldError,
    effective_sample_size,
    importance_weights,
    loss_scores,
    probabilities,
    switch_threshold,
    track_tau,
    upper_bound_scores,
    variance_reduction,
)

# The same values as the TypeScript implementation's tests, computed independently of both.
LOGITS = [[2, 0.5, -1], [0.1, 0.2, 0.3], [-1, 3, 0], [4, -2, 0]]
LABELS = [0, 2, 0, 0]


def test_scores():
    assert upper_bound_scores(LOGITS, LABELS) == pytest.approx([0.2796875874, 0.7753832670, 1.3582030893, 0.0272543610], abs=1e-9)
    assert loss_scores(LOGITS, LABELS) == pytest.approx([0.2413112967, 1.0019428482, 4.0658839038, 0.0205811389], abs=1e-9)


def test_scores_of_huge_logits_stay_finite():
    assert upper_bound_scores([[1e300, -1e300]], [1]) == pytest.approx([np.sqrt(2)])


def test_labels_out_of_range_are_refused():
    with pytest.raises(FieldError, match="labels"):
        upper_bound_scores(LOGITS, [0, 3, 0, 0])


def test_probabilities_weights_and_tau():
    g = probabilities(upper_bound_scores(LOGITS, LABELS))
    assert g == pytest.approx([0.1146012471, 0.3177112371, 0.5565201136, 0.0111674021], abs=1e-9)
    w = importance_weights(g, range(4))
    assert w == pytest.approx([2.1814771326, 0.7868780539, 0.4492200621, 22.3865852677], abs=1e-8)
    assert (g * w).sum() == pytest.approx(1)
    assert variance_reduction(g) == pytest.approx(1.3021723753, abs=1e-9)


def test_tracked_tau():
    tracked = [0.0]
    for _ in range(3):
        tracked.append(track_tau(tracked[-1], 1.3021723753))
    assert tracked[1:] == pytest.approx([0.1302172375, 0.2474127513, 0.3528887137], abs=1e-9)


def test_limits():
    assert variance_reduction(np.full(49, 1 / 49)) == 1
    assert variance_reduction(probabilities([0, 0, 7, 0])) == 2
    assert probabilities([0, 0, 0, 0]).tolist() == [0.25] * 4
    assert probabilities([1e308, 1e308]).tolist() == [0.5, 0.5]
    assert switch_threshold(384, 128) == 2
    assert effective_sample_size([2, 2, 2]) == pytest.approx(3)


@pytest.mark.parametrize("bad", [np.nan, -1, np.inf])
def test_bad_scores_are_named(bad):
    with pytest.raises(FieldError) as caught:
        probabilities([1, bad, 2])
    assert caught.value.field == "scores[1]"
