"""Runs the client contract (clients/scenarios) against a running optimizer."""

from __future__ import annotations

import os
import re
import sys
import time
from typing import Any

import yaml
from google.protobuf import json_format

import superbatch
from superbatch import Cost, SuperbatchError, _calls
from superbatch.common.v1 import space_pb2

METHODS = {value.name: value for value in vars(_calls).values() if isinstance(value, _calls.Method)}


def fill(tree: Any, saved: dict[str, str]) -> Any:
    """Replaces ${name} by what was saved, in all texts of a tree."""
    if isinstance(tree, str):
        return re.sub(r"\$\{(\w+)\}", lambda match: saved[match[1]], tree)
    if isinstance(tree, dict):
        return {key: fill(value, saved) for key, value in tree.items()}
    return [fill(value, saved) for value in tree] if isinstance(tree, list) else tree


def at(tree: Any, path: str) -> Any:
    """A value by its path, such as leases[0].trial.name; None if it is not there."""
    for key in path.replace("[", ".").replace("]", "").split("."):
        if isinstance(tree, list):
            tree = tree[int(key)] if int(key) < len(tree) else None
        else:
            tree = (tree or {}).get(key)
    return tree


def same(actual: Any, expected: Any) -> bool:
    """Whether a value of proto3 JSON is that of the file: what JSON leaves out is 0, empty or false, and 64-bit numbers are texts."""
    if actual is None:
        return expected in (0, "", False)
    if isinstance(expected, (int, float)) and not isinstance(expected, bool):
        return float(actual) == expected
    return actual == expected


class Runner:
    """Takes the steps of one scenario: clients/scenarios/README.md lists them."""

    def __init__(self) -> None:
        self.saved = {"run": os.environ["SUPERBATCH_RUN"]}
        self.trials: dict[str, superbatch.Trial] = {}
        self.connect()

    def connect(self, token: str = "right", ca: str = "right") -> dict:
        tokens = {"right": os.environ["SUPERBATCH_TOKEN"], "wrong": "not-" + os.environ["SUPERBATCH_TOKEN"], "none": None}
        authorities = {"right": os.environ["SUPERBATCH_CA"], "other": os.environ["SUPERBATCH_OTHER_CA"], "none": None}
        self.client = superbatch.Client(os.environ["SUPERBATCH_ADDRESS"], token=tokens[token], ca=authorities[ca], timeout=5)
        return {}

    def take(self, step: dict) -> None:
        """Raises an AssertionError if the step does not lead to what is expected."""
        try:
            result = self.do(step)
        except SuperbatchError as error:
            fields = sorted(violation.path for violation in error.violations)
            result = {"status": error.code.name, "reason": error.reason, "fields": fields, "message": error.message}
        expected = {"status": "OK", "reason": "", "fields": [], "command": "", "outcome": "", **step.get("expect", {})}
        expected["fields"] = sorted(expected["fields"])
        for key in ("status", "reason", "fields", "command", "outcome"):
            actual = result.get(key, {"status": "OK", "fields": []}.get(key, ""))
            assert actual == expected[key], f"expected {key} {expected[key]}, got {actual}: {result.get('message', '')}"
        for path, value in expected.get("response", {}).items():
            actual = at(result["response"], path)
            assert same(actual, fill(value, self.saved)), f"expected {path} to be {value}, got {actual}"
        for name, path in step.get("save", {}).items():
            self.saved[name] = str(at(result["response"], path))

    def do(self, step: dict) -> dict:
        if "call" in step:
            return self.call(step["call"], fill(step.get("request", {}), self.saved))
        if "ask" in step:
            try:
                self.trials[step["ask"]] = self.client.study(fill(step["study"], self.saved)).ask()
                return {"outcome": "trial"}
            except superbatch.StudyCompleted:
                return {"outcome": "completed"}
        if "report" in step:
            try:
                self.trials[step["report"]].report(step=step["step"], value=step["value"])
                return {"command": "continue"}
            except superbatch.StopEarly:
                return {"command": "stop_early"}
            except superbatch.TrialCancelled:
                return {"command": "cancel"}
        if "complete" in step:
            trial = self.trials[step["complete"]]
            trial.complete(step["value"], cost=Cost(**step["cost"]), stopped_early=step.get("stoppedEarly", False))
        elif "fail" in step:
            self.trials[step["fail"]].fail(step["reason"], infeasible=step.get("infeasible", False))
        elif "giveBack" in step:
            self.trials[step["giveBack"]].give_back()
        elif "sleep" in step:
            time.sleep(step["sleep"])
        else:
            self.connect(**step["connect"])
        return {}

    def call(self, name: str, request: dict) -> dict:
        if name.startswith("/"):
            empty = space_pb2.BooleanDomain
            service, method = name[1:].split("/")
            self.client._call(_AnyMethod(service, method, empty, empty), empty())
            return {}
        method = METHODS[name]
        response = self.client._call(method, json_format.ParseDict(request, method.request()))
        return {"response": json_format.MessageToDict(response)}


class _AnyMethod(_calls.Method):
    """A method of any service."""

    def __init__(self, service: str, name: str, request: type, response: type) -> None:
        super().__init__(name, request, response)
        object.__setattr__(self, "service", service)

    @property
    def path(self) -> str:
        return f"/{self.service}/{self.name}"


def main() -> int:
    with open(os.environ["SUPERBATCH_SCENARIOS"]) as file:
        scenarios = yaml.safe_load(file)["scenarios"]
    steps = 0
    for scenario in scenarios:
        runner = Runner()
        for number, step in enumerate(scenario["steps"], 1):
            try:
                runner.take(step)
            except AssertionError as difference:
                print(f"python: {scenario['name']}, step {number}: {difference}")
                return 1
            steps += 1
        runner.client.close()
    print(f"python: {len(scenarios)} scenarios passed, {steps} steps")
    return 0


if __name__ == "__main__":
    sys.exit(main())
