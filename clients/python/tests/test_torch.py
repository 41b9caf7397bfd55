import subprocess
import sys

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader, TensorDataset

from superbatch.importance_sampling import ImportanceSampler, SessionSpec
from superbatch.importance_sampling import loss_scores as numpy_loss_scores
from superbatch.importance_sampling import upper_bound_scores as numpy_upper_bound_scores
from superbatch.importance_sampling.torch import ImportanceBatchSampler, loss_scores, upper_bound_scores


def test_scores_equal_those_of_numpy():
    rng = np.random.default_rng(0)
    logits, labels = rng.normal(size=(20, 5)) * 3, rng.integers(5, size=20)
    z, y = torch.from_numpy(logits), torch.from_numpy(labels)
    assert upper_bound_scores(z, y).numpy() == pytest.approx(numpy_upper_bound_scores(logits, labels), abs=1e-5)
    assert loss_scores(z, y).numpy() == pytest.approx(numpy_loss_scores(logits, labels), abs=1e-5)


def test_the_upper_bound_is_the_gradients_norm():
    z = torch.randn(7, 4, generator=torch.Generator().manual_seed(1)).requires_grad_()
    y = torch.tensor([0, 1, 2, 3, 0, 1, 2])
    torch.nn.functional.cross_entropy(z, y, reduction="sum").backward()
    assert torch.allclose(upper_bound_scores(z, y), z.grad.norm(dim=1), atol=1e-6)


@pytest.mark.parametrize("scheme", ["uniform", "upper-bound", "loss-history"])
def test_a_data_loader_loop_learns(scheme):
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(512, 8, generator=generator)
    y = (x @ torch.randn(8, 3, generator=generator)).argmax(dim=1)
    torch.manual_seed(0)
    model = torch.nn.Linear(8, 3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    spec = SessionSpec(examples=512, batch_size=32, super_batch_size=96, scheme=scheme, threshold=1.05, seed=2)
    batches = ImportanceBatchSampler(ImportanceSampler(spec), steps=150)
    for inputs, labels in DataLoader(TensorDataset(x, y), batch_sampler=batches):
        train = batches.task.action == "train"
        with torch.set_grad_enabled(train):
            logits = model(inputs)
        if train:
            losses = torch.nn.functional.cross_entropy(logits, labels, reduction="none")
            optimizer.zero_grad()
            (batches.weights * losses).sum().div(32).backward()
            optimizer.step()
        batches.report(upper_bound_scores(logits, labels))
    assert batches.sampler.status().rounds >= 149
    assert (model(x).argmax(dim=1) == y).float().mean() > 0.93


def test_a_batch_without_its_scores_is_an_error():
    batches = ImportanceBatchSampler(ImportanceSampler(SessionSpec(examples=8, batch_size=2, super_batch_size=4)), steps=5)
    iterator = iter(batches)
    next(iterator)
    with pytest.raises(RuntimeError, match="report"):
        next(iterator)


def test_importing_the_package_imports_neither_torch_nor_grpc():
    code = "import sys, superbatch.importance_sampling; print(sorted({'torch', 'grpc'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
