"""The work of `Push`: artifacts in, `push`, custom properties out."""

import json
from pathlib import Path
from typing import Any

from tfx.dsl.components.base import base_executor
from tfx.types import artifact_utils

from components.push.options import PushOptions
from components.push.push import HeldBack, push
from components.push.serving_folder import stable_versions
from components.records.artifact_files import CATALOGUE
from components.records.artifacts import Artifacts, candidates_of, folder_of
from components.records.catalogue import read_catalogue
from components.records.model_names import in_brief
from components.records.options import read_options
from components.records.ranked_system import read_system
from components.records.shortlister_signature import SHORTLISTER
from components.records.verdict import read_verdict
from components.records.version_folder import read_manifest


class PushError(ValueError):
    """Blessed models that could not be put into service."""


class InServiceExecutor(base_executor.BaseExecutor):
    """Looks at what is in service. See `InService` for the artifacts."""

    def Do(  # noqa: N802
        self, input_dict: Artifacts, output_dict: Artifacts, exec_properties: dict[str, Any]
    ) -> None:
        serving_dir = Path(exec_properties["serving_dir"])
        catalogue = read_catalogue(folder_of(input_dict, "catalogue") / CATALOGUE)
        versions = stable_versions(serving_dir)
        added: list[str] = []
        if SHORTLISTER in versions:
            known = read_manifest(serving_dir / SHORTLISTER / str(versions[SHORTLISTER])).skill_ids
            added = sorted({*catalogue.skill_ids} - {*known})
        else:
            versions = {}
        for name, value in (("versions", versions), ("added", added)):
            made = artifact_utils.get_single_instance(output_dict[name])
            made.value = json.dumps(value, sort_keys=True)


class Executor(base_executor.BaseExecutor):
    """Pushes a set of models. See `Push` for the artifacts."""

    def Do(  # noqa: N802 (TFX's name)
        self, input_dict: Artifacts, output_dict: Artifacts, exec_properties: dict[str, Any]
    ) -> None:
        verdict = artifact_utils.get_single_instance(input_dict["verdict"])
        pushed = artifact_utils.get_single_instance(output_dict["pushed"])
        decided = read_verdict(Path(verdict.uri))
        predictions = folder_of(input_dict, "predictions")
        asked, made = read_system(predictions), candidates_of(input_dict)
        result = push(
            {model: made[model] for model in asked.candidates},
            predictions,
            Path(exec_properties["serving_dir"]),
            in_service=asked.in_service,
            blessed=decided.allows(asked.candidates),
            verdict=decided.words,
            forced=decided.forced or "",
            held_back={
                held.model: HeldBack(made[held.model], held.words)
                for held in decided.held_back
                if held.model not in asked.candidates
            },
            options=read_options(exec_properties["options"], PushOptions),
        )
        for name, value in result.properties.items():
            if isinstance(value, int):
                pushed.set_int_custom_property(name, value)
            else:
                pushed.set_string_custom_property(name, value)
        if result.outcome in ("not_reproduced", "not_available"):
            raise PushError(f"{in_brief(model.model for model in result.models)} not pushed: {result.reason}")
