"""Golden values of libs/gp from scikit-learn and numpy: `pip install numpy scipy scikit-learn; python generate.py > golden.json`.

Kernels that scikit-learn has are fitted by its GaussianProcessRegressor; the others are its Matérn matrices combined in numpy, with the
textbook formulas (Rasmussen & Williams 2006, algorithm 2.1).
"""

import json

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, Matern, WhiteKernel

rng = np.random.default_rng(20240607)


def listed(**arrays):
    return {key: np.asarray(value).tolist() for key, value in arrays.items()}


def library(name, kind, n, d):
    """A case that scikit-learn computes wholly."""
    x, points = rng.uniform(size=(n, d)), rng.uniform(size=(5, d))
    points[0] = x[0]
    y = np.sin(3 * x).sum(axis=1) + 0.1 * rng.normal(size=n)
    scale, amplitude, noise = rng.uniform(0.3, 1.2, size=d), 1.7, 0.02
    base = Matern(length_scale=scale, nu=2.5) if kind == "matern52" else RBF(length_scale=scale)
    gp = GaussianProcessRegressor(ConstantKernel(amplitude) * base + WhiteKernel(noise), optimizer=None, alpha=0.0).fit(x, y)
    value, gradient = gp.log_marginal_likelihood(gp.kernel_.theta, eval_gradient=True)
    noise_free = GaussianProcessRegressor(ConstantKernel(amplitude) * base, optimizer=None, alpha=noise).fit(x, y)
    mean, covariance = noise_free.predict(points, return_cov=True)
    amplitude_first = np.concatenate([gradient[1 : 1 + d], gradient[:1], gradient[-1:]])
    return {
        "name": name,
        "kernel": kind,
        "amplitude": amplitude,
        "noise": noise,
        "logLikelihood": value,
        **listed(x=x, y=y, points=points, lengthScales=scale, gradient=amplitude_first, mean=mean, covariance=covariance),
    }


def task(name, basis, n, d, product):
    """Matérn 5/2 over d dimensions and one category, times a task kernel over one fidelity, noise log-linear in it."""
    x = np.column_stack([rng.uniform(size=(n, d)), rng.integers(0, 3, size=n), rng.uniform(size=n)])
    points = np.column_stack([rng.uniform(size=(4, d)), rng.integers(0, 3, size=4), rng.uniform(size=4)])
    y = np.cos(4 * x[:, 0]) + 0.3 * x[:, d] + (1 - x[:, -1]) ** 2 + 0.1 * rng.normal(size=n)
    scale, category_scale, amplitude, mean = rng.uniform(0.3, 1.2, size=d), 0.8, 1.3, 0.2
    noise, slope = 0.02, 0.7
    theta = {"fabolas": [0.5, 0.8], "linear": [-0.4, 0.6], "cost": [0.9, 0.5], "exponential": [1.2, 0.7, 0.9]}[basis]

    def task_kernel(s, t):
        if basis == "exponential":
            alpha, beta, gamma = theta
            return 1 + gamma * (beta / (s[:, None] + t[None, :] + beta)) ** alpha
        second = {"fabolas": lambda v: (1 - v) ** 2, "linear": lambda v: 1 - v, "cost": lambda v: v}[basis]
        lower = np.array([[1, 0], [theta[0], theta[1]]])
        phi = lambda v: np.column_stack([np.ones_like(v), second(v)])
        return phi(s) @ lower @ lower.T @ phi(t).T

    def kernel(a, b):
        mismatch = (a[:, [d]] != b[:, d][None, :]).astype(float)
        if product:
            k = Matern(length_scale=category_scale, nu=2.5)(np.zeros((1, 1)), np.ones((1, 1)))[0, 0]
            value = np.where(mismatch == 1, k, 1.0)
            for column in range(d):
                value = value * Matern(length_scale=scale[column], nu=2.5)(a[:, [column]], b[:, [column]])
        else:
            squared = mismatch / category_scale**2
            for column in range(d):
                squared = squared + ((a[:, [column]] - b[:, column][None, :]) / scale[column]) ** 2
            r = np.sqrt(5 * squared)
            value = (1 + r + r**2 / 3) * np.exp(-r)
        return amplitude * value * task_kernel(a[:, -1], b[:, -1])

    variance = noise * np.exp(slope * (1 - x[:, -1]))
    factor = cho_factor(kernel(x, x) + np.diag(variance), lower=True)
    weights = cho_solve(factor, y - mean)
    cross = kernel(x, points)
    value = -0.5 * (y - mean) @ weights - np.log(np.diag(factor[0])).sum() - 0.5 * n * np.log(2 * np.pi)
    inverse = cho_solve(factor, np.eye(n))
    return {
        "name": name,
        "kernel": "matern52-product" if product else "matern52",
        "basis": basis,
        "amplitude": amplitude,
        "noise": noise,
        "slope": slope,
        "mean": mean,
        "logLikelihood": value,
        **listed(
            x=x,
            y=y,
            points=points,
            lengthScales=np.append(scale, category_scale),
            task=theta,
            predicted=mean + cross.T @ weights,
            covariance=kernel(points, points) - cross.T @ cho_solve(factor, cross),
            leaveOneOutMean=y - weights / np.diag(inverse),
            leaveOneOutVariance=1 / np.diag(inverse),
        ),
    }


print(
    json.dumps(
        {
            "library": [library("matern", "matern52", 25, 3), library("rbf", "rbf", 14, 2)],
            "task": [
                task("fabolas", "fabolas", 21, 2, False),
                task("linear", "linear", 18, 2, False),
                task("cost", "cost", 18, 2, False),
                task("exponential", "exponential", 18, 2, False),
                task("product of one-dimensional kernels", "fabolas", 18, 3, True),
            ],
        },
        indent=1,
    )
)
