"""Executes a compiled Kubeflow pipeline as KFP's launcher would: a process for each task, after those that it
needs, side by side where they allow it, with retries; command, arguments and environment from the YAML."""

import json
import os
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from pipelines.kubeflow import options
from tests.pipelines.processes import python

ROOT = Path(__file__).resolve().parents[2]
_INPUT = re.compile(r"\{\{\$\.inputs\.parameters\['([^']+)'\]\}\}")


@dataclass
class Cluster:
    """Stands for the cluster: how a container's interpreter is started here, and what its secrets hold.

    Attributes:
        root: The working folder of every process.
        secrets: (secret, key) → value.
        out: Folder for what tasks put out.
        attempts: Task → exit codes, in order; filled by runs.
        printed: Task → what its last attempt printed.
    """

    root: Path
    out: Path
    secrets: Mapping[tuple[str, str], str] = field(default_factory=dict)
    attempts: dict[str, list[int]] = field(default_factory=dict)
    printed: dict[str, str] = field(default_factory=dict)

    def run(self, path: Path, run_id: str, **parameters: str) -> bool:
        """Whether every task of the pipeline in `path` succeeded."""
        spec, platform = (*yaml.safe_load_all(path.read_text()), {})[:2]
        return self.run_spec(spec, platform, run_id, parameters)

    def run_spec(
        self, spec: dict[str, Any], platform: dict[str, Any], run_id: str, parameters: Mapping[str, str]
    ) -> bool:
        """As `run`, of the two documents of such a file."""
        executors = platform.get("platforms", {}).get("kubernetes", {}).get("deploymentSpec", {})
        return _Run(self, spec, executors.get("executors", {}), run_id).dag(
            spec["root"], {**_defaults(spec["root"]), **parameters}
        )


def executing(url: str, out: Path) -> Cluster:
    """Executes compiled pipelines with their metadata in the database of `url`."""
    secret = options.Cluster().secrets[0]
    return Cluster(root=ROOT, out=out, secrets={(secret.secret, secret.key): url})


@dataclass
class _Run:
    cluster: Cluster
    spec: dict[str, Any]
    platform: dict[str, Any]
    run_id: str

    def dag(self, component: dict[str, Any], given: Mapping[str, str]) -> bool:
        tasks = dict(component["dag"]["tasks"])
        done: dict[str, bool] = {}
        with ThreadPoolExecutor() as pool:
            running = {}
            while tasks or running:
                for name, task in list(tasks.items()):
                    needs = task.get("dependentTasks", ())
                    if not all(need in done for need in needs):
                        continue
                    del tasks[name]
                    always = task.get("triggerPolicy", {}).get("strategy") == "ALL_UPSTREAM_TASKS_COMPLETED"
                    if always or all(done[need] for need in needs):
                        running[pool.submit(self._task, task, given)] = name
                    else:
                        done[name] = False
                finished = [each for each in running if each.done()]
                if not finished and running:
                    wait(running, return_when="FIRST_COMPLETED")
                for each in finished:
                    done[running.pop(each)] = each.result()
        return all(done.values())

    def _task(self, task: dict[str, Any], given: Mapping[str, str]) -> bool:
        component = self.spec["components"][task["componentRef"]["name"]]
        values = {name: _value(v, given) for name, v in task.get("inputs", {}).get("parameters", {}).items()}
        if "dag" in component:
            return self.dag(component, values)
        label = component["executorLabel"]
        container = self.spec["deploymentSpec"]["executors"][label]["container"]
        assert container["command"] == ["python"]
        name = task["taskInfo"]["name"]
        outputs = self._outputs(name, component)
        words = [self._resolved(word, values, outputs) for word in container["args"]]
        environment = os.environ | {
            entry["envVar"]: self.cluster.secrets[secret["secretName"], entry["secretKey"]]
            for secret in self.platform.get(label, {}).get("secretAsEnv", ())
            for entry in secret["keyToEnv"]
        }
        for _ in range(1 + task.get("retryPolicy", {}).get("maxRetryCount", 0)):
            ended = python(words, folder=self.cluster.root, environment=environment)
            self.cluster.attempts.setdefault(name, []).append(ended.code)
            self.cluster.printed[name] = ended.said + ended.warned
            if ended.code == 0:
                return True
        return False

    def _outputs(self, name: str, component: dict[str, Any]) -> dict[str, Any]:
        folder = self.cluster.out / self.run_id / name
        folder.mkdir(parents=True, exist_ok=True)
        artifacts = {
            each: {"artifacts": [{"name": each, "uri": str(folder / each), "type": kind["artifactType"]}]}
            for each, kind in component.get("outputDefinitions", {}).get("artifacts", {}).items()
        }
        return {"artifacts": artifacts, "outputFile": str(folder / "output_metadata.json")}

    def _resolved(self, word: str, values: Mapping[str, str], outputs: Mapping[str, Any]) -> str:
        if word == "{{$}}":
            return json.dumps({"inputs": {"parameterValues": values}, "outputs": outputs})
        word = _INPUT.sub(lambda found: values[found[1]], word)
        word = word.replace("{{$.pipeline_job_uuid}}", self.run_id)
        assert "{{" not in word, word
        return word


def _defaults(root: dict[str, Any]) -> dict[str, str]:
    parameters = root.get("inputDefinitions", {}).get("parameters", {})
    return {name: each["defaultValue"] for name, each in parameters.items() if "defaultValue" in each}


def _value(value: dict[str, Any], given: Mapping[str, str]) -> str:
    if "componentInputParameter" in value:
        return given[value["componentInputParameter"]]
    return str(value["runtimeValue"]["constant"])
