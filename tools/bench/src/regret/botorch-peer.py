"""BoTorch's multi-fidelity acquisitions, one question a line. Columns are in [0, 1], the fidelity last, its target 1; values are minimized."""

import json
import sys
import warnings

import gpytorch
import linear_operator
import numpy
import torch
from botorch.acquisition import PosteriorMean
from botorch.acquisition.cost_aware import InverseCostWeightedUtility
from botorch.acquisition.fixed_feature import FixedFeatureAcquisitionFunction
from botorch.acquisition.knowledge_gradient import qMultiFidelityKnowledgeGradient
from botorch.acquisition.max_value_entropy_search import qMultiFidelityMaxValueEntropy
from botorch.acquisition.utils import project_to_target_fidelity
from botorch.fit import fit_gpytorch_mll
from botorch.models.cost import AffineFidelityCostModel
from botorch.models.gp_regression_fidelity import SingleTaskMultiFidelityGP
from botorch.models.kernels.linear_truncated_fidelity import LinearTruncatedFidelityKernel
from botorch.models.transforms.outcome import Standardize
from botorch.optim import optimize_acqf
from gpytorch.mlls import ExactMarginalLogLikelihood
from linear_operator.utils.errors import NanError, NotPSDError

warnings.filterwarnings("ignore")
torch.set_num_threads(1)
torch.set_default_dtype(torch.double)

# With data as small as these, checks of arguments take a fifth of the time, shapes worked out in Python most of it. Results are the same to the last digit.
torch.broadcast_shapes = torch.functional.broadcast_shapes = lambda *shapes: torch.Size(numpy.broadcast_shapes(*shapes))
torch.distributions.Distribution.set_default_validate_args(False)
gpytorch.settings.debug._set_state(False)
linear_operator.settings.debug._set_state(False)


def hold_power(model, power):
    for module in model.modules():
        if isinstance(module, LinearTruncatedFidelityKernel):
            module.power = power
            module.raw_power.requires_grad_(False)


class Study:
    """The last fit, so that a question about the same data does not fit again and a fit of more data starts from it."""

    def __init__(self):
        self.count = 0
        self.model = None

    def fit(self, x, y, power):
        if self.count == len(y):
            return self.model
        model = SingleTaskMultiFidelityGP(x, -y, data_fidelities=[x.shape[1] - 1], outcome_transform=Standardize(m=1))
        hold_power(model, power)
        likelihood = ExactMarginalLogLikelihood(model.likelihood, model)
        if self.model is not None:
            state = {k: v for k, v in self.model.state_dict().items() if not k.startswith("outcome_transform")}
            model.load_state_dict({**model.state_dict(), **state})
        try:
            fit_gpytorch_mll(likelihood, optimizer_kwargs={"options": {"maxiter": 100}})
        except Exception as error:  # BoTorch gives up on some data; the last hyperparameters, or the first, then stand.
            print(f"fit of {len(y)} observations: {error}", file=sys.stderr)
        self.count, self.model = len(y), model.eval()
        return model


def suggest(model, question, columns):
    target = {columns - 1: 1.0}
    bounds = torch.tensor([[0.0] * columns, [1.0] * columns])
    fixed = question.get("fixedCost", 0.1)
    weights = {columns - 1: 1 - fixed}
    cost = InverseCostWeightedUtility(AffineFidelityCostModel(fidelity_weights=weights, fixed_cost=fixed))

    def project(points):
        return project_to_target_fidelity(X=points, target_fidelities=target, d=columns)

    options = {"maxiter": question["iterations"]}
    search = {"num_restarts": question["restarts"], "raw_samples": question["rawSamples"], "options": options}
    if question["acquisition"] == "max-value-entropy":
        candidates = torch.rand(500, columns)
        acquisition = qMultiFidelityMaxValueEntropy(
            model, candidates, cost_aware_utility=cost, project=project, num_mv_samples=10
        )
    else:
        mean = FixedFeatureAcquisitionFunction(PosteriorMean(model), columns, [columns - 1], [1.0])
        _, current = optimize_acqf(mean, bounds[:, :-1], q=1, **search)
        acquisition = qMultiFidelityKnowledgeGradient(
            model,
            num_fantasies=question["fantasies"],
            current_value=current,
            cost_aware_utility=cost,
            project=project,
        )
    point, _ = optimize_acqf(acquisition, bounds, q=1, **search)
    return point[0].clamp(0, 1).tolist()


def suggest_robustly(model, question, columns):
    """Noise-free observations make covariances so nearly singular that BoTorch fails: the model's noise is then raised, as far as needed."""
    for _ in range(6):
        try:
            return suggest(model, question, columns)
        except (NotPSDError, NanError) as error:
            noise = max(10 * float(model.likelihood.noise), 1e-5)
            print(f"noise raised to {noise:.1e}: {error}", file=sys.stderr)
            model.train()
            model.likelihood.noise = noise
            model.eval()
    return torch.rand(columns).tolist()


def recommend(model, x):
    with torch.no_grad():
        at_target = torch.cat([x[:, :-1], torch.ones(len(x), 1)], dim=1)
        return int(model.posterior(at_target).mean.squeeze(-1).argmax())


study = Study()
for line in sys.stdin:
    question = json.loads(line)
    x = torch.tensor(question["x"])
    y = torch.tensor(question["y"]).unsqueeze(-1)
    torch.manual_seed(1_000_003 * question["seed"] + len(y))
    model = study.fit(x, y, question["power"])
    if question["question"] == "suggest":
        answer = suggest_robustly(model, question, x.shape[1])
    else:
        answer = recommend(model, x)
    print(json.dumps(answer), flush=True)
