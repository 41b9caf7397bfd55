"""Surrogates written in Python, examined by the contract suite that all surrogates pass."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Sequence

import grpc
import numpy as np
import pytest
from conftest import ROOT

from superbatch.common.v1 import matrix_pb2
from superbatch.surrogate import Column, Problem, Surrogate, serve
from superbatch.surrogate.v1 import surrogate_service_pb2 as pb
from superbatch.surrogate.v1 import surrogate_service_pb2_grpc as service


def examine(command: Sequence[str]) -> dict:
    """What `superbatch surrogate check` says of a server's process."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "clients" / "python" / "src"), "OMP_NUM_THREADS": "1"}
    server = subprocess.Popen([sys.executable, *command, "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True, env=environment)
    assert server.stdout is not None
    try:
        address = json.loads(server.stdout.readline())["address"]
        node, main = ROOT / "node_modules" / ".bin" / "node", ROOT / "tools" / "cli" / "src" / "main.ts"
        check = [str(node), str(main), "--json", "surrogate", "check", "--patience", "120", address]
        return json.loads(subprocess.run(check, capture_output=True, text=True).stdout)
    finally:
        server.kill()
        server.wait()
        server.stdout.close()


def breaches(report: dict) -> dict:
    return {check["name"]: check["breach"] for check in report["checks"] if "breach" in check}


def guide() -> str:
    (block,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "guides" / "your-own-surrogate.md").read_text(), re.S)
    return block


def test_the_guides_surrogate_keeps_the_contract(tmp_path: Path):
    (tmp_path / "my_surrogate.py").write_text(guide())
    code = [line for line in guide().splitlines() if line.strip()]
    assert len(code) <= 60
    report = examine([str(tmp_path / "my_surrogate.py")])
    assert breaches(report) == {}
    assert report["passed"] and len(report["checks"]) == 19


def test_botorchs_keeps_the_contract():
    pytest.importorskip("botorch")
    report = examine(["-m", "superbatch.surrogate.botorch"])
    assert breaches(report) == {}
    assert report["passed"]


class Flat(Surrogate):
    """Knows nothing."""

    name = "flat"
    fits = 0

    def fit(self, problem, checkpoint):
        self.fits += 1
        return [self]

    def mean(self, x):
        return np.zeros(len(x))

    def covariance(self, a, b):
        return np.ones((len(a), len(b)))

    def variance(self, x):
        return np.ones(len(x))

    def noise(self, x):
        return np.zeros(len(x))


def test_the_server_fits_equal_requests_once_and_forgets_the_oldest():
    surrogate = Flat()
    server, address = serve(surrogate, "127.0.0.1:0", models=2)
    with grpc.insecure_channel(address) as channel:
        stub = service.SurrogateServiceStub(channel)

        def fit(seed: int) -> pb.FitResponse:
            return stub.Fit(pb.FitRequest(dimensions=[pb.Dimension(name="a", numeric=pb.NumericColumn())], seed=seed))

        first = fit(1)
        assert not first.cached and fit(1).cached and fit(1).model == first.model
        assert surrogate.fits == 2
        fit(2)
        fit(3)
        assert not fit(1).cached
    server.stop(None).wait()


def test_the_server_names_each_value_that_is_not_finite():
    server, address = serve(Flat(), "127.0.0.1:0")

    def matrix(columns: int, *values: float) -> matrix_pb2.Matrix:
        return matrix_pb2.Matrix(rows=len(values) // columns, columns=columns, data=np.array(values).tobytes())

    dimensions = [pb.Dimension(name=name, numeric=pb.NumericColumn()) for name in "ab"]
    request = pb.FitRequest(
        dimensions=dimensions, x=matrix(2, 0, 1, 0, np.nan), y=matrix(1, 1, np.inf), cost=matrix(1, 0, 1), infer_from=3
    )
    with grpc.insecure_channel(address) as channel, pytest.raises(grpc.RpcError) as refusal:
        service.SurrogateServiceStub(channel).Fit(request)
    assert refusal.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    paths = [part.split(": ")[0] for part in refusal.value.details().split("; ")]
    assert paths == ["x.data[3]", "y.data[1]", "cost.data[0]", "infer_from"]
    server.stop(None).wait()


def test_others_reach_a_server_only_by_tls():
    with pytest.raises(ValueError, match="can be reached by others"):
        serve(Flat(), "0.0.0.0:0")


@pytest.mark.filterwarnings("ignore")
def test_botorchs_fit_of_noiseless_data_does_not_depend_on_luck():
    """The last bits decide whether an ascent meets a matrix that cannot be factored; wherever it does, the fit is as good."""
    pytest.importorskip("botorch")
    from superbatch.surrogate.botorch import BotorchSurrogate

    rng = np.random.default_rng(1)
    x = np.column_stack([(0.5 + np.arange(30) * 0.7548776662) % 1, (0.5 + np.arange(30) * 0.569840291) % 1])
    y = 100 + 10 * np.sin(4 * x[:, 0]) + 2 * (1 - x[:, 1]) ** 2
    columns = [Column("a", "numeric"), Column("s", "fidelity")]
    for _ in range(8):
        near = y * (1 + 1e-14 * rng.standard_normal(30))
        first, second = (BotorchSurrogate().fit(Problem(columns, x, near, "objective", 1, 1), lambda: None)[0] for _ in range(2))
        assert np.abs(first.mean(x) - y).max() < 0.5
        assert np.array_equal(first.mean(x), second.mean(x))


@pytest.mark.filterwarnings("ignore")
def test_botorchs_model_sees_categories_inactive_columns_and_fidelities():
    pytest.importorskip("botorch")
    from superbatch.surrogate.botorch import BotorchSurrogate

    columns = [Column("kind", "categorical", 3), Column("rate", "numeric", 0, 0, (1.0,)), Column("s", "fidelity")]
    rng = np.random.default_rng(1)
    kind = rng.integers(3, size=40)
    x = np.column_stack([kind, np.where(kind == 1, rng.random(40), np.nan), rng.random(40)])
    y = np.array([0.0, 3.0, 7.0])[kind] + np.nan_to_num(x[:, 1]) + (1 - x[:, 2]) ** 2
    (model,) = BotorchSurrogate().fit(Problem(columns, x, y, "objective", 1, 1), lambda: None)
    places = np.array([[0, np.nan, 1], [1, 0.5, 1], [2, np.nan, 1]])
    assert np.abs(model.mean(places) - [0, 3.5, 7]).max() < 0.5
    assert np.all(model.variance(places) < 0.5)
