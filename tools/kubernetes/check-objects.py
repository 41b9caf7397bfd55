"""Validates rendered objects against Kubernetes' schemas, and holds what every pod of the chart must have."""

import sys

import kubernetes_validate
import yaml

version, path, name = sys.argv[1:]
operators = ("cert-manager.io/", "keda.sh/", "monitoring.coreos.com/")
problems = []
validated = others = 0
with open(path, encoding="utf-8") as file:
    objects = [each for each in yaml.safe_load_all(file) if each]
for each in objects:
    where = f"{each['kind']}/{each['metadata']['name']}"
    if each["apiVersion"].startswith(operators):
        others += 1
        continue
    try:
        kubernetes_validate.validate(each, version, strict=True)
        validated += 1
    except kubernetes_validate.ValidationError as error:
        problems.append(f"{where}: {'.'.join(str(part) for part in error.path)}: {error.message[:200]}")
    pod = each["spec"] if each["kind"] == "Pod" else each.get("spec", {}).get("template", {}).get("spec")
    if pod is None or each["kind"] in ("Certificate",):
        continue
    # Pod Security Standard "restricted", a root file system that nothing writes to, and no way to the cluster's API.
    held = {
        "automountServiceAccountToken is off": pod.get("automountServiceAccountToken") is False,
        "runs as no root": pod["securityContext"].get("runAsNonRoot") is True,
        "has a seccomp profile": pod["securityContext"]["seccompProfile"]["type"] == "RuntimeDefault",
    }
    for container in pod["containers"]:
        context = container["securityContext"]
        held |= {
            "gains no privileges": context["allowPrivilegeEscalation"] is False,
            "drops capabilities": context["capabilities"]["drop"] == ["ALL"],
            "has a read-only root": context["readOnlyRootFilesystem"] is True,
            "has limits": "limits" in container["resources"],
        }
    problems += [f"{where}: not so: {what}" for what, so in held.items() if not so]

names = [(each["kind"], each["metadata"]["name"]) for each in objects]
problems += [f"twice: {kind}/{twice}" for kind, twice in {pair for pair in names if names.count(pair) > 1}]
for problem in problems:
    print(f"FAILED  {name}: {problem}")
if not problems:
    print(f"ok      {name}: {validated} objects validated, {others} of operators")
sys.exit(1 if problems else 0)
