"""Optuna by asking and telling, one request a line. Places are in the unit cube, values are minimized."""

import json
import sys
import warnings

import optuna

warnings.filterwarnings("ignore")
optuna.logging.set_verbosity(optuna.logging.ERROR)

study = None
for line in sys.stdin:
    request = json.loads(line)
    if "ask" in request:
        options = request["ask"]
        if study is None:
            samplers = {"tpe": optuna.samplers.TPESampler, "gp": optuna.samplers.GPSampler}
            study = optuna.create_study(sampler=samplers[options["sampler"]](seed=options["seed"]))
        trial = study.ask()
        place = [trial.suggest_float(f"x{d}", 0, 1) for d in range(options["dimensions"])]
        answer = {"number": trial.number, "place": place}
    elif "tell" in request:
        study.tell(request["tell"]["number"], request["tell"]["value"])
        answer = None
    else:
        params = study.best_trial.params
        answer = [params[f"x{d}"] for d in range(len(params))]
    print(json.dumps(answer), flush=True)
