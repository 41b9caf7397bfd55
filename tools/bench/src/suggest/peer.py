"""One suggestion by others, from given observations. Each line carries a contender, the seed, points in [0, 1] (the fidelity last, its target 1), values to be
minimized and costs; the answer says how many seconds of processor time the fits and the acquisition took. Everything is made anew each time, as for a first suggestion."""

import json
import sys
import time
import warnings

import numpy as np

warnings.filterwarnings("ignore")


def botorch(question, acquisition):
    import torch
    from botorch.acquisition import PosteriorMean
    from botorch.acquisition.cost_aware import InverseCostWeightedUtility
    from botorch.acquisition.fixed_feature import FixedFeatureAcquisitionFunction
    from botorch.acquisition.knowledge_gradient import qMultiFidelityKnowledgeGradient
    from botorch.acquisition.max_value_entropy_search import qMultiFidelityMaxValueEntropy
    from botorch.acquisition.utils import project_to_target_fidelity
    from botorch.fit import fit_gpytorch_mll
    from botorch.models import SingleTaskGP
    from botorch.models.deterministic import GenericDeterministicModel
    from botorch.models.gp_regression_fidelity import SingleTaskMultiFidelityGP
    from botorch.models.transforms.outcome import Standardize
    from botorch.optim import optimize_acqf
    from gpytorch.mlls import ExactMarginalLogLikelihood

    torch.set_num_threads(1)
    torch.set_default_dtype(torch.double)
    torch.manual_seed(question["seed"])
    x = torch.tensor(question["x"])
    columns = x.shape[1]
    start = time.process_time()
    y = -torch.tensor(question["y"]).unsqueeze(-1)
    model = SingleTaskMultiFidelityGP(x, y, data_fidelities=[columns - 1], outcome_transform=Standardize(m=1))
    fit_gpytorch_mll(ExactMarginalLogLikelihood(model.likelihood, model))
    log_cost = SingleTaskGP(x, torch.tensor(question["cost"]).log().unsqueeze(-1), outcome_transform=Standardize(m=1))
    fit_gpytorch_mll(ExactMarginalLogLikelihood(log_cost.likelihood, log_cost))
    fitted = time.process_time()
    expected = GenericDeterministicModel(lambda points: log_cost.posterior(points).mean.exp())
    utility = InverseCostWeightedUtility(expected)
    bounds = torch.tensor([[0.0] * columns, [1.0] * columns])

    def project(points):
        return project_to_target_fidelity(X=points, target_fidelities={columns - 1: 1.0}, d=columns)

    # 5 restarts of 128 raw samples are BoTorch's tutorials' for this kind of acquisition.
    search = {"num_restarts": 5, "raw_samples": 128}
    if acquisition == "max-value-entropy":
        candidates = torch.rand(1000, columns)
        function = qMultiFidelityMaxValueEntropy(model, candidates, cost_aware_utility=utility, project=project)
    else:
        mean = FixedFeatureAcquisitionFunction(PosteriorMean(model), columns, [columns - 1], [1.0])
        _, current = optimize_acqf(mean, bounds[:, :-1], q=1, **search)
        function = qMultiFidelityKnowledgeGradient(
            model, num_fantasies=question["fantasies"], current_value=current, cost_aware_utility=utility, project=project
        )
    optimize_acqf(function, bounds, q=1, **search)
    return fitted - start, time.process_time() - fitted


def optuna(question):
    import optuna
    import torch

    torch.set_num_threads(1)
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    hyperparameters = len(question["x"][0]) - 1
    distributions = {f"x{d}": optuna.distributions.FloatDistribution(0, 1) for d in range(hyperparameters)}
    study = optuna.create_study(sampler=optuna.samplers.GPSampler(seed=question["seed"]))
    study.add_trials(
        [
            optuna.trial.create_trial(params={f"x{d}": v for d, v in enumerate(x[:-1])}, distributions=distributions, value=y)
            for x, y in zip(question["x"], question["y"])
        ]
    )
    start = time.process_time()
    study.ask(distributions)
    return 0, time.process_time() - start


def vizier(question, module, name):
    import importlib

    from vizier import pyvizier
    from vizier import algorithms

    # The public package imports every designer, and with them packages that this one does not need.
    create = getattr(importlib.import_module(f"vizier._src.algorithms.designers.{module}"), name)

    problem = pyvizier.ProblemStatement()
    hyperparameters = len(question["x"][0]) - 1
    for d in range(hyperparameters):
        problem.search_space.root.add_float_param(f"x{d}", 0.0, 1.0)
    problem.metric_information.append(pyvizier.MetricInformation("value", goal=pyvizier.ObjectiveMetricGoal.MINIMIZE))
    trials = []
    for i, (x, y) in enumerate(zip(question["x"], question["y"])):
        trial = pyvizier.Trial(id=i + 1, parameters={f"x{d}": v for d, v in enumerate(x[:-1])})
        trials.append(trial.complete(pyvizier.Measurement({"value": y})))
    # The functions that JAX compiles are kept within the process: the first of two studies pays for that, the second is timed.
    seconds = 0.0
    for _ in range(2):
        start = time.process_time()
        designer = create(problem)
        designer.update(algorithms.CompletedTrials(trials), algorithms.ActiveTrials())
        designer.suggest(1)
        seconds = time.process_time() - start
    return 0, seconds


contenders = {
    "botorch-mes": lambda question: botorch(question, "max-value-entropy"),
    "botorch-kg": lambda question: botorch(question, "knowledge-gradient"),
    "optuna-gp": optuna,
    # Vizier's default.
    "vizier-gp-ucb-pe": lambda question: vizier(question, "gp_ucb_pe", "VizierGPUCBPEBandit"),
    "vizier-gp-bandit": lambda question: vizier(question, "gp_bandit", "VizierGPBandit"),
}
for line in sys.stdin:
    question = json.loads(line)
    np.random.seed(question["seed"])
    try:
        fit, acquisition = contenders[question["contender"]](question)
        answer = {"fit": fit, "acquisition": acquisition}
    except Exception as error:  # An installation that does not work is told, and the others go on.
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
