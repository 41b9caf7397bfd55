"""Superbatch: Bayesian optimization of neural networks whose trials are trained by importance-sampled SGD."""

__version__ = "0.1.0"
