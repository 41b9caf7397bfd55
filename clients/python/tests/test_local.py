from dataclasses import replace

import numpy as np
import pytest
from helpers import assert_unbiased, chi_square_tail, drive, same

from superbatch.importance_sampling import AdaptiveSuperBatch, FieldError, HistoryOptions, ImportanceSampler, SessionSpec

SPEC = SessionSpec(examples=40, batch_size=4, super_batch_size=12, threshold=1.05, seed=11)


def score_of(indices, _round):
    return (indices % 8) ** 1.5


# Shares of the classes i mod 8 among the draws of 49,800 steps of the TypeScript implementation with the same spec.
RECORDED = {
    "upper-bound": [0, 0.0193, 0.0521, 0.0944, 0.1382, 0.1848, 0.2314, 0.2799],
    "loss-history": [0.0618, 0.0676, 0.08, 0.0971, 0.1219, 0.1527, 0.1887, 0.2301],
}


@pytest.mark.parametrize("scheme", RECORDED)
def test_distribution_is_that_of_the_other_implementation(scheme):
    sampler = ImportanceSampler(replace(SPEC, scheme=scheme))
    steps, _ = drive(sampler, score_of, 4200)
    draws = np.concatenate([step.indices for step in steps[200:]])
    counts = np.bincount(draws % 8, minlength=8)
    expected = np.array(RECORDED[scheme]) * draws.size
    drawn = expected > 0
    assert counts[~drawn].sum() == 0
    # Draws of one super-batch hang together, so a chi-square of single draws is too strict by about the share of b in B.
    assert chi_square_tail(counts[drawn] / 1.5, expected[drawn] / 1.5) > 0.001


@pytest.mark.parametrize("scheme", ["uniform", "upper-bound", "loss", "loss-history"])
def test_weights_are_unbiased(scheme):
    steps, _ = drive(ImportanceSampler(replace(SPEC, scheme=scheme)), score_of, 4000)
    assert_unbiased(steps[200:], 40)


def test_zero_scores_are_never_drawn_by_importance():
    steps, _ = drive(ImportanceSampler(SPEC), score_of, 500)
    drawn = np.concatenate([step.indices for step in steps if step.scores == "none"])
    assert drawn.size > 1000 and np.all(drawn % 8 != 0)


def test_at_b_equal_to_b_it_is_uniform_sgd():
    spec = replace(SPEC, super_batch_size=4, threshold=0.0)
    one, _ = drive(ImportanceSampler(spec), score_of, 30)
    two, _ = drive(ImportanceSampler(replace(spec, scheme="uniform")), score_of, 30)
    assert all(same(a, b) for a, b in zip(one, two))


def test_prefetching_asks_for_the_next_scores_before_the_mini_batch():
    sampler = ImportanceSampler(replace(SPEC, prefetch=1, threshold=0.0))
    order = []
    task = sampler.next()
    for _ in range(40):
        order.append(f"{task.action} {task.round}")
        task = sampler.next(None if task.scores == "none" else np.ones(len(task.indices)))
    at = order.index("train 10")
    assert order[at - 1 : at + 3] == ["score 11", "train 10", "score 12", "train 11"]


def test_bad_scores_are_named_and_nothing_changes():
    undisturbed, _ = drive(ImportanceSampler(SPEC), score_of, 10)
    sampler = ImportanceSampler(SPEC)
    task = sampler.next()
    for scores, field in [([1, np.nan, 1, 1], "scores[1]"), ([1, 1, -1, 1], "scores[2]"), ([1, 1], "scores"), (None, "scores")]:
        with pytest.raises(FieldError) as caught:
            sampler.next(scores)
        assert caught.value.field == field
    steps, _ = drive(sampler, score_of, 10, task)
    assert all(same(a, b) for a, b in zip(steps, undisturbed))


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"super_batch_size": 41}, "super_batch_size"),
        ({"super_batch_size": 3}, "super_batch_size"),
        ({"batch_size": 0}, "batch_size"),
        ({"smoothing": 1.0}, "smoothing"),
        ({"scheme": "best"}, "scheme"),
        ({"cost_ratio": 2.0}, "cost_ratio"),
        ({"history": HistoryOptions(uniform_share=0)}, "history.uniform_share"),
    ],
)
def test_wrong_specs_are_refused(wrong, field):
    with pytest.raises(FieldError) as caught:
        replace(SPEC, **wrong)
    assert caught.value.field == field


def test_several_workers_need_the_service():
    with pytest.raises(FieldError, match="workers"):
        ImportanceSampler(replace(SPEC, workers=2))


@pytest.mark.parametrize("scheme", ["upper-bound", "loss-history"])
def test_state_dict_continues_exactly(scheme):
    spec = replace(SPEC, scheme=scheme, prefetch=1)
    sampler = ImportanceSampler(spec)
    _, task = drive(sampler, score_of, 50)
    copy = ImportanceSampler(spec)
    copy.load_state_dict(sampler.state_dict())
    one, _ = drive(sampler, score_of, 50, task)
    two, _ = drive(copy, score_of, 50, task)
    assert all(same(a, b) for a, b in zip(one, two))


def test_bounded_weights_say_that_they_are_biased():
    sampler = ImportanceSampler(replace(SPEC, max_weight=1.5))
    steps, _ = drive(sampler, score_of, 300)
    assert max(step.weights.max() for step in steps) <= 1.5
    assert sampler.status().biased


def test_adaptive_super_batch_grows_while_tau_pays():
    spec = SessionSpec(examples=4000, batch_size=8, super_batch_size=16, cost_ratio=30.0, adaptive=AdaptiveSuperBatch(max=64))
    sampler = ImportanceSampler(spec)
    drive(sampler, lambda indices, _: np.where(indices % 10 == 7, 1, 1e-3), 100)
    assert sampler.status().super_batch_size == 64


def test_adaptive_super_batch_shrinks_back_while_sampling_is_uniform():
    spec = SessionSpec(examples=4000, batch_size=8, super_batch_size=16, cost_ratio=6.0, adaptive=AdaptiveSuperBatch(max=64))
    sampler = ImportanceSampler(spec)

    def peaked(indices, _):
        return np.where(indices % 5 == 2, 1, 1e-3)

    _, task = drive(sampler, peaked, 200)
    assert sampler.status().super_batch_size > 16
    _, task = drive(sampler, lambda indices, _: np.ones(indices.size), 100, task)
    assert not sampler.status().importance
    assert sampler.status().super_batch_size == 16
    drive(sampler, peaked, 100, task)
    assert sampler.status().importance


def test_a_uniform_step_without_scores_has_the_batch_as_effective_sample_size():
    sampler = ImportanceSampler(replace(SPEC, scheme="uniform"))
    assert sampler.next().scores == "optional"
    sampler.next()
    assert sampler.status().effective_sample_size == SPEC.batch_size
