"""What a step computes: the optimizer, a weighted gradient step, and the exact norms of single gradients."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from .configuration import Configuration
from .networks import Network
from .scores import Floats


def make_optimizer(network: Network, configuration: Configuration) -> torch.optim.Optimizer:
    """SGD with momentum, Nesterov's or plain, or Adam with decoupled weight decay (β₂ 0.999, ε 1e-8)."""
    groups = network.parameter_groups(configuration.weight_decay)
    momentum = configuration.momentum
    if configuration.optimizer == "adam":
        return torch.optim.AdamW(groups, lr=configuration.learning_rate, betas=(momentum, 0.999), eps=1e-8)
    nesterov = configuration.optimizer == "nesterov" and momentum > 0
    return torch.optim.SGD(groups, lr=configuration.learning_rate, momentum=momentum, nesterov=nesterov)


def gradient_step(
    network: Network,
    optimizer: torch.optim.Optimizer,
    inputs: Tensor,
    labels: Tensor,
    weights: np.ndarray[Any, np.dtype[np.float32]],
    learning_rate: float,
    label_smoothing: float = 0.0,
) -> Tensor:
    """One gradient step on (1/m) Σ weight · loss.

    Returns:
        The logits of the forward pass, m × classes.
    """
    device_weights = torch.from_numpy(weights).to(inputs.device)
    network.train()
    logits: Tensor = network(inputs)
    losses = F.cross_entropy(logits, labels, reduction="none", label_smoothing=label_smoothing)
    optimizer.zero_grad()
    (losses * device_weights).mean().backward()  # type: ignore[no-untyped-call]
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    optimizer.step()
    return logits.detach()


def gradient_norms(network: Network, inputs: Tensor, labels: Tensor, label_smoothing: float = 0.0) -> Floats:
    """The exact norm of each example's gradient by all trained parameters; one backward pass each: for tests and comparisons."""
    network.eval()
    parameters = list(network.parameters())
    norms = np.empty(len(labels))
    for i in range(len(labels)):
        loss = F.cross_entropy(network(inputs[i : i + 1]), labels[i : i + 1], label_smoothing=label_smoothing)
        gradients = torch.autograd.grad(loss, parameters)
        norms[i] = math.sqrt(sum(float(gradient.square().sum()) for gradient in gradients))
    return norms
