"""The work of `Push`: artifacts in, `push`, custom properties out."""

import json
from pathlib import Path
from typing import Any

from tfx.dsl.components.base import base_executor
from tfx.types import artifact_utils

from components.push.options import PushOptions
from components.push.push import push
from components.records.artifact_files import VERDICT
from components.records.artifacts import Artifacts, folder_of, version_folder_of
from components.records.options import read_options
from components.records.version_folder import read_manifest


class PushError(ValueError):
    """A blessed model that could not be put into service."""


class Executor(base_executor.BaseExecutor):
    """Pushes one model. See `Push` for the artifacts."""

    def Do(  # noqa: N802 (TFX's name)
        self, input_dict: Artifacts, output_dict: Artifacts, exec_properties: dict[str, Any]
    ) -> None:
        verdict = artifact_utils.get_single_instance(input_dict["verdict"])
        pushed = artifact_utils.get_single_instance(output_dict["pushed"])
        candidate = version_folder_of(input_dict, "model")
        result = push(
            candidate,
            folder_of(input_dict, "predictions"),
            Path(exec_properties["serving_dir"]),
            read_manifest(candidate).kind,
            blessed=bool(verdict.blessed),
            verdict=_in_words(Path(verdict.uri)),
            options=read_options(exec_properties["options"], PushOptions),
        )
        pushed.set_int_custom_property("pushed", int(result.pushed))
        pushed.set_int_custom_property("version", result.version)
        for name in ("outcome", "reason", "hash", "verdict"):
            pushed.set_string_custom_property(name, getattr(result, name))
        if result.outcome in ("not_reproduced", "not_available"):
            raise PushError(f"{result.model} is not pushed: {result.reason}")


def _in_words(folder: Path) -> str:
    verdict = json.loads((folder / VERDICT).read_bytes())
    failed = [check["reason"] for check in verdict["checks"] if not check["passed"]]
    if failed:
        return f"not blessed: {'; '.join(failed)}"
    return "blessed" if verdict["blessed"] else "not blessed"
