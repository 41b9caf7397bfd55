"""Log marginal likelihood with gradient of a GP (Matérn 5/2, one length scale per dimension, constant mean, noise) by others: numpy with
LAPACK, GPyTorch, scikit-learn. A request carries the data once, then a contender's name; answers are milliseconds and values."""

import json
import sys
import time

import numpy as np
from scipy.linalg import lapack
from scipy.spatial.distance import cdist


class Numpy:
    """The textbook's algorithm as one would write it with numpy and scipy: a factor, its inverse by LAPACK, one matrix per derivative."""

    def __init__(self, x, y):
        self.x, self.y = x, y

    def evaluate(self, theta):
        x, y = self.x, self.y
        n, d = x.shape
        scale, amplitude, noise, mean = np.exp(theta[:d]), np.exp(theta[d]), np.exp(theta[d + 1]), theta[d + 2]
        r = np.sqrt(5) * cdist(x / scale, x / scale)
        decay = amplitude * np.exp(-r)
        k = (1 + r + r**2 / 3) * decay
        factor, _ = lapack.dpotrf(k + noise * np.eye(n), lower=True)
        residual = y - mean
        alpha, _ = lapack.dpotrs(factor, residual, lower=True)
        value = -0.5 * residual @ alpha - np.log(np.diag(factor)).sum() - 0.5 * n * np.log(2 * np.pi)
        inverse, _ = lapack.dpotri(factor, lower=True)
        inverse = np.tril(inverse) + np.tril(inverse, -1).T
        g = np.outer(alpha, alpha) - inverse
        slope = g * (5 / 3) * (1 + r) * decay
        lengths = [0.5 * np.sum(slope * ((x[:, [j]] - x[:, j]) / scale[j]) ** 2) for j in range(d)]
        return value, np.array([*lengths, 0.5 * np.sum(g * k), 0.5 * noise * np.trace(g), alpha.sum()])


class LeanNumpy:
    """The same without a temporary or an operation that could be spared: everything in place, one factor, its inverse by dpotri, and the gradient by one product."""

    def __init__(self, x, y):
        self.x, self.y = x, y

    def evaluate(self, theta):
        x, y = self.x, self.y
        n, d = x.shape
        scale, amplitude, noise, mean = np.exp(theta[:d]), np.exp(theta[d]), np.exp(theta[d + 1]), theta[d + 2]
        z = x / scale
        r = cdist(z, z)
        r *= np.sqrt(5)
        decay = np.exp(-r)
        decay *= amplitude
        linear = 1 + r
        r *= r
        r /= 3
        r += linear
        r *= decay
        k = r
        gram = k.copy(order="F")
        gram[np.diag_indices(n)] += noise
        factor, _ = lapack.dpotrf(gram, lower=True, overwrite_a=True, clean=False)
        residual = y - mean
        alpha, _ = lapack.dpotrs(factor, residual, lower=True)
        value = -0.5 * residual @ alpha - np.log(np.diag(factor)).sum() - 0.5 * n * np.log(2 * np.pi)
        inverse, _ = lapack.dpotri(factor, lower=True, overwrite_c=True)
        g = np.tril(inverse, -1)
        g += g.T
        g[np.diag_indices(n)] = np.diag(inverse)
        np.subtract(np.outer(alpha, alpha), g, out=g)
        trace = np.trace(g)
        linear *= decay
        linear *= g
        # Σ_ij M_ij (z_i − z_j)² = 2 (Σ_i z_i² Σ_j M_ij − zᵀ M z), one dimension at a time.
        lengths = 5 / 3 * ((z * z).T @ linear.sum(axis=1) - np.einsum("id,id->d", z, linear @ z))
        return value, np.concatenate([lengths, [0.5 * np.vdot(g, k), 0.5 * noise * trace, alpha.sum()]])


class GPyTorch:
    def __init__(self, x, y):
        import gpytorch
        import torch

        torch.set_num_threads(1)
        self.torch, self.gpytorch = torch, gpytorch
        x, y = torch.tensor(x), torch.tensor(y)
        likelihood = gpytorch.likelihoods.GaussianLikelihood(noise_constraint=gpytorch.constraints.GreaterThan(1e-12)).double()

        class Model(gpytorch.models.ExactGP):
            def __init__(self):
                super().__init__(x, y, likelihood)
                self.mean_module = gpytorch.means.ConstantMean()
                self.covar_module = gpytorch.kernels.ScaleKernel(gpytorch.kernels.MaternKernel(nu=2.5, ard_num_dims=x.shape[1]))

            def forward(self, points):
                return gpytorch.distributions.MultivariateNormal(self.mean_module(points), self.covar_module(points))

        self.model, self.likelihood, self.x, self.y = Model().double(), likelihood, x, y
        self.model.train()
        likelihood.train()
        self.objective = gpytorch.mlls.ExactMarginalLogLikelihood(likelihood, self.model)

    def evaluate(self, theta):
        d = self.x.shape[1]
        model = self.model
        model.covar_module.base_kernel.lengthscale = self.torch.tensor(np.exp(theta[:d]))
        model.covar_module.outputscale = np.exp(theta[d])
        self.likelihood.noise = np.exp(theta[d + 1])
        model.mean_module.constant.data.fill_(theta[d + 2])
        self.objective.zero_grad()
        # Exact Cholesky at every size, as the others compute.
        with self.gpytorch.settings.max_cholesky_size(10**6):
            value = self.objective(model(self.x), self.y) * len(self.y)
            value.backward()
        return value.item(), None


class ScikitLearn:
    def __init__(self, x, y):
        from sklearn.gaussian_process import GaussianProcessRegressor
        from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

        kernel = ConstantKernel() * Matern(length_scale=np.ones(x.shape[1]), nu=2.5) + WhiteKernel()
        self.y, self.make = y, lambda mean: GaussianProcessRegressor(kernel, optimizer=None, alpha=0).fit(x, y - mean)
        self.model, self.mean = None, None

    def evaluate(self, theta):
        d = len(theta) - 3
        if self.model is None:
            self.model = self.make(theta[d + 2])
        own = np.concatenate([[theta[d]], theta[:d], [theta[d + 1]]])
        value, gradient = self.model.log_marginal_likelihood(own, eval_gradient=True)
        return value, np.concatenate([gradient[1 : d + 1], gradient[:1], gradient[d + 1 :], [np.nan]])


contenders = {"numpy": Numpy, "lean numpy": LeanNumpy, "gpytorch": GPyTorch, "scikit-learn": ScikitLearn}
made = {}
for line in sys.stdin:
    request = json.loads(line)
    if "x" in request:
        x, y, theta = np.array(request["x"]), np.array(request["y"]), np.array(request["theta"])
        made = {name: contenders[name](x, y) for name in request["contenders"]}
        answer = None
    else:
        start = time.perf_counter()
        value, gradient = made[request["contender"]].evaluate(theta)
        milliseconds = (time.perf_counter() - start) * 1000
        answer = {"milliseconds": milliseconds, "value": value, "gradient": None if gradient is None else list(gradient[: len(theta) - 1])}
    print(json.dumps(answer), flush=True)
