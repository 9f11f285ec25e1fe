"""The work of `RerankerTrainer`: artifacts in, a pure function, artifacts out."""

import logging
from typing import Any

from tfx.dsl.components.base import base_executor

from components.records.artifact_files import CATALOGUE
from components.records.artifacts import Artifacts, folder_of
from components.records.catalogue import read_catalogue
from components.records.options import read_options
from components.reranker.all_domains import train_all
from components.reranker.options import RerankerOptions


class Executor(base_executor.BaseExecutor):
    """Trains the re-rankers. See `RerankerTrainer` for the artifacts."""

    def Do(  # noqa: N802 (TFX's name)
        self, input_dict: Artifacts, output_dict: Artifacts, exec_properties: dict[str, Any]
    ) -> None:
        train_all(
            folder_of(input_dict, "hypotheses"),
            folder_of(input_dict, "domain_models"),
            read_catalogue(folder_of(input_dict, "catalogue") / CATALOGUE),
            read_options(exec_properties["options"], RerankerOptions),
            models=folder_of(output_dict, "models"),
            reliability=folder_of(output_dict, "reliability"),
            lineage={name: f"artifact {artifacts[0].id}" for name, artifacts in input_dict.items()},
            report=logging.getLogger(__name__).info,
        )
