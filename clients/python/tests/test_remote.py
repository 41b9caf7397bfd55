import threading
from dataclasses import replace

import grpc
import numpy as np
import pytest
from helpers import assert_unbiased, drive, same

from superbatch.importance_sampling import FieldError, RemoteImportanceSampler, SessionSpec

SPEC = SessionSpec(examples=40, batch_size=4, super_batch_size=12, threshold=1.05, seed=11)


def score_of(indices, _round):
    return (indices % 8) ** 1.5


def test_gives_the_sequence_recorded_of_the_other_clients(start_replica):
    sampler = RemoteImportanceSampler([start_replica().address], SPEC)
    steps, _ = drive(sampler, score_of, 40)
    sampler.close()
    phases = "".join("i" if step.scores == "none" else "u" for step in steps)
    assert phases == "uuuuuuuuuuuuuuuuiiiiiiiiiiiiiiiiiiiiiiii"
    assert steps[0].indices.tolist() == [21, 16, 14, 31]
    assert steps[39].indices.tolist() == [39, 30, 35, 39]
    assert steps[39].weights == pytest.approx([0.332063, 0.418447, 1.183546, 0.332063], abs=1e-5)


@pytest.mark.parametrize("scheme", ["uniform", "loss", "loss-history"])
def test_weights_are_unbiased(start_replica, scheme):
    sampler = RemoteImportanceSampler([start_replica().address], replace(SPEC, scheme=scheme))
    steps, _ = drive(sampler, score_of, 1000)
    sampler.close()
    assert_unbiased(steps[200:], 40)


@pytest.mark.parametrize("spec", [SPEC, replace(SPEC, prefetch=1), replace(SPEC, scheme="loss-history")])
def test_kill_9_of_a_replica_does_not_change_the_sequence(start_replica, spec):
    first, second = start_replica(), start_replica()
    reference = RemoteImportanceSampler([second.address], spec)
    undisturbed, _ = drive(reference, score_of, 60)
    reference.close()
    sampler = RemoteImportanceSampler([first.address, second.address], spec)
    before, task = drive(sampler, score_of, 30)
    first.kill()
    after, _ = drive(sampler, score_of, 30, task)
    assert sampler.reconnects == 1
    sampler.close()
    assert all(same(a, b) for a, b in zip(before + after, undisturbed, strict=True))


def test_two_workers_share_a_session(start_replica):
    address = start_replica().address
    spec = replace(SPEC, workers=2, threshold=0.0)
    one = RemoteImportanceSampler([address], spec, worker="a")
    found = {}

    def run(sampler):
        found[sampler.worker], _ = drive(sampler, score_of, 50)

    two = RemoteImportanceSampler([address], spec, worker="b", session=one.session)
    threads = [threading.Thread(target=run, args=(sampler,)) for sampler in (one, two)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    for a, b in zip(found["a"], found["b"], strict=True):
        assert a.round == b.round and len(a.indices) + len(b.indices) == 4
    two.close()
    one.close()


def test_bad_scores_are_named_and_nothing_changes(start_replica):
    sampler = RemoteImportanceSampler([start_replica().address], SPEC)
    task = sampler.next()
    with pytest.raises(FieldError) as caught:
        sampler.next([1, np.nan, 1, 1])
    assert caught.value.field == "scores[1]"
    steps, _ = drive(sampler, score_of, 5, task)
    assert steps[0].round == 0
    sampler.close()


def test_beyond_the_limits_is_refused_at_once(start_replica):
    spec = SessionSpec(examples=2**31, batch_size=1, super_batch_size=2**21)
    with pytest.raises(grpc.RpcError) as caught:
        RemoteImportanceSampler([start_replica().address], spec)
    assert caught.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED


def test_an_absent_service_is_unavailable():
    with pytest.raises(grpc.RpcError) as caught:
        RemoteImportanceSampler(["127.0.0.1:1"], SPEC, reconnect_seconds=0.2)
    assert caught.value.code() == grpc.StatusCode.UNAVAILABLE
