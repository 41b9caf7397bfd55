"""Vizier's service and Optuna's gRPC storage proxy under the load of load.ts: asks and tells by threads of one client process.

One line of JSON in, {"peer", "trainers", "past", "seconds", "work"}, one line out: latencies in milliseconds and the rate. The servers are
processes of their own, each over SQLite on the disk, as their manuals recommend for one machine.
"""

import json
import multiprocessing
import os
import random
import sys
import tempfile
import threading
import time


def serve_optuna(path, port):
    import optuna
    from optuna.storages import RDBStorage, run_grpc_proxy_server

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    run_grpc_proxy_server(RDBStorage(f"sqlite:///{path}"), host="localhost", port=port)


def serve_vizier(path, ready):
    from vizier._src.service import vizier_server

    server = vizier_server.DefaultVizierServer(database_url=f"sqlite:///{path}")
    ready.send(server.endpoint)
    threading.Event().wait()


def optuna_trainers(folder, count, past):
    import optuna
    from optuna.storages import GrpcStorageProxy

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    port = 20000 + random.randrange(20000)
    process = multiprocessing.Process(target=serve_optuna, args=(os.path.join(folder, "optuna.db"), port), daemon=True)
    process.start()
    storage = GrpcStorageProxy(host="localhost", port=port)
    storage.wait_server_ready(timeout=60)
    sampler = optuna.samplers.RandomSampler(seed=1)
    study = optuna.create_study(storage=storage, sampler=sampler)
    space = {name: optuna.distributions.FloatDistribution(0, 1) for name in "xyz"}
    for _ in range(past):
        study.add_trial(
            optuna.trial.create_trial(
                params={name: random.random() for name in "xyz"}, distributions=space, value=random.random()
            )
        )

    def trainer(_):
        return lambda: study.ask(space), lambda trial: study.tell(trial, random.random())

    return process, trainer


def vizier_trainers(folder, count, past):
    from vizier.service import clients, pyvizier as vz

    here, there = multiprocessing.Pipe()
    process = multiprocessing.Process(target=serve_vizier, args=(os.path.join(folder, "vizier.db"), there), daemon=True)
    process.start()
    while not here.poll(1):
        if not process.is_alive():
            raise RuntimeError("Vizier's server ended before it was ready")
    clients.environment_variables.server_endpoint = here.recv()
    config = vz.StudyConfig(algorithm="RANDOM_SEARCH")
    for name in "xyz":
        config.search_space.root.add_float_param(name, 0.0, 1.0)
    config.metric_information.append(vz.MetricInformation("error", goal=vz.ObjectiveMetricGoal.MINIMIZE))
    study = clients.Study.from_study_config(config, owner="bench", study_id="bench")
    for _ in range(past):
        trial = vz.Trial(parameters={name: random.random() for name in "xyz"})
        trial.complete(vz.Measurement(metrics={"error": random.random()}))
        study.add_trial(trial)

    def trainer(i):
        def ask():
            (trial,) = study.suggest(count=1, client_id=f"w{i}")
            return trial

        return ask, lambda trial: trial.complete(vz.Measurement(metrics={"error": random.random()}))

    return process, trainer


def load(trainer, count, seconds, work):
    asks, tells = [], []
    began = time.perf_counter()
    warm, end = began + seconds / 2, began + seconds

    def run(i):
        ask, tell = trainer(i)
        time.sleep(work * i / count)
        while time.perf_counter() < end:
            asked = time.perf_counter()
            trial = ask()
            if asked > warm:
                asks.append(time.perf_counter() - asked)
            time.sleep(work * (0.5 + random.random()))
            told = time.perf_counter()
            tell(trial)
            if told > warm:
                tells.append(time.perf_counter() - told)

    threads = [threading.Thread(target=run, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rate = len(tells) / (time.perf_counter() - warm)
    return {"ask": latency(asks), "tell": latency(tells), "trials": len(tells), "rate": rate}


def latency(values):
    values = sorted(values)
    at = lambda share: 1000 * values[min(len(values) - 1, int(share * len(values)))] if values else float("nan")
    return {"p50": at(0.5), "p99": at(0.99)}


def main():
    for line in sys.stdin:
        request = json.loads(line)
        with tempfile.TemporaryDirectory() as folder:
            start = {"optuna": optuna_trainers, "vizier": vizier_trainers}[request["peer"]]
            process, trainer = start(folder, request["trainers"], request["past"])
            try:
                answer = load(trainer, request["trainers"], request["seconds"], request["work"])
            finally:
                process.kill()
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    multiprocessing.set_start_method("spawn")
    main()
