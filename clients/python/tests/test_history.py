import numpy as np
import pytest
from helpers import chi_square_tail

from superbatch.importance_sampling.history import LossHistory


def recorded(n, seed):
    history = LossHistory(n, 0.1, 15)
    rng = np.random.default_rng(seed)
    for step in range(20):
        history.record(rng.integers(n, size=5), rng.random(5) * 4, np.ones(5), step)
    return history, rng


@pytest.mark.parametrize("n", [1, 255, 256, 257, 1000])
def test_draws_follow_the_probabilities(n):
    history, rng = recorded(n, n)
    p = history.probabilities(np.arange(n), 25)
    assert p.sum() == pytest.approx(1)
    indices, told = history.draw(100_000, 25, rng)
    assert told == pytest.approx(p[indices])
    if n > 1:
        assert chi_square_tail(np.bincount(indices, minlength=n), p * 100_000) > 0.001


def test_scores_fade_to_the_mean():
    history = LossHistory(64, 0.2, 10)
    history.record([3], [8], [1], 0)
    history.record([5], [0], [1], 1)
    mean = 0.9 * 8
    for step in [1, 5, 100, 5000]:
        faded = [mean + (8 - mean) * np.exp(-step / 10), mean - mean * np.exp(-(step - 1) / 10), mean]
        assert history.scores([3, 5, 9], step) == pytest.approx(faded)
        total = 62 * mean + faded[0] + faded[1]
        assert history.probabilities([5], step) == pytest.approx([0.8 * faded[1] / total + 0.2 / 64])


def test_rebuilt_from_its_records_it_draws_the_same():
    history, _ = recorded(300, 1)
    copy = LossHistory(300, 0.1, 15)
    copy.losses[:], copy.steps[:], copy.mean = history.losses, history.steps, history.mean
    copy.rebuild()
    one, _ = history.draw(50, 30, np.random.default_rng(3))
    two, _ = copy.draw(50, 30, np.random.default_rng(3))
    assert np.array_equal(one, two)
