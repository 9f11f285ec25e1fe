"""The work of `Push`: artifacts in, `push`, custom properties out."""

from pathlib import Path
from typing import Any

from tfx.dsl.components.base import base_executor
from tfx.types import artifact_utils

from components.push.options import PushOptions
from components.push.push import push
from components.records.artifacts import Artifacts, candidates_of, folder_of
from components.records.model_names import in_brief
from components.records.model_set import read_versions
from components.records.options import read_options
from components.records.verdict import read_verdict


class PushError(ValueError):
    """Blessed models that could not be put into service."""


class Executor(base_executor.BaseExecutor):
    """Pushes a set of models. See `Push` for the artifacts."""

    def Do(  # noqa: N802 (TFX's name)
        self, input_dict: Artifacts, output_dict: Artifacts, exec_properties: dict[str, Any]
    ) -> None:
        verdict = artifact_utils.get_single_instance(input_dict["verdict"])
        pushed = artifact_utils.get_single_instance(output_dict["pushed"])
        decided = read_verdict(Path(verdict.uri))
        result = push(
            candidates_of(input_dict),
            folder_of(input_dict, "predictions"),
            Path(exec_properties["serving_dir"]),
            in_service=read_versions(exec_properties["in_service"]),
            blessed=decided.blessed,
            verdict=decided.words,
            options=read_options(exec_properties["options"], PushOptions),
        )
        pushed.set_int_custom_property("pushed", int(result.pushed))
        for model in result.models:
            pushed.set_int_custom_property(f"version.{model.model}", model.version)
            pushed.set_string_custom_property(f"hash.{model.model}", model.hash)
        pushed.set_string_custom_property("outcome", result.outcome)
        pushed.set_string_custom_property("reason", result.reason)
        pushed.set_string_custom_property("verdict", result.models[0].verdict)
        if result.outcome in ("not_reproduced", "not_available"):
            raise PushError(f"{in_brief(model.model for model in result.models)} not pushed: {result.reason}")
