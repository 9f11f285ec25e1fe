"""What a task puts out, as Kubeflow Pipelines' launcher wants to find it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from kfp.dsl.executor import create_artifact_instance
from kfp.dsl.types.artifact_types import Artifact


class Outputs:
    """The outputs of the task that this process is.

    Args:
        executor_input: What KFP put in place of the argument `{{$}}`.

    Raises:
        ValueError: It is not what KFP gives.
    """

    def __init__(self, executor_input: str) -> None:
        try:
            outputs = json.loads(executor_input)["outputs"]
            self._file = Path(outputs["outputFile"])
            self._artifacts: dict[str, Artifact] = {
                name: create_artifact_instance(listed["artifacts"][0])
                for name, listed in outputs.get("artifacts", {}).items()
            }
        except (KeyError, TypeError, json.JSONDecodeError) as error:
            raise ValueError(
                f"`executor_input` must be KFP's JSON with outputs. Received: {executor_input[:80]!r}"
            ) from error

    def write(self, name: str, content: bytes) -> None:
        """The content of an artifact."""
        path = Path(self._artifacts[name].path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def describe(self, metadata: Mapping[str, Mapping[str, Any]]) -> None:
        """Gives artifacts their metadata, by name; the launcher reads it when the process has ended."""
        described = {
            name: {
                "artifacts": [
                    {"name": artifact.name, "uri": artifact.uri, "metadata": dict(metadata.get(name, {}))}
                ]
            }
            for name, artifact in self._artifacts.items()
        }
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.write_bytes(msgspec.json.encode({"artifacts": described}))
