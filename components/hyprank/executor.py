"""The work of `HypRankTrainer`: artifacts in, a pure function, artifacts out."""

import logging
from typing import Any

from tfx.dsl.components.base import base_executor

from components.hyprank.options import HypRankOptions
from components.hyprank.read import read_reranked, read_rerankers
from components.hyprank.run import train_hyprank
from components.records.artifact_files import CATALOGUE, read_popularity
from components.records.artifacts import Artifacts, folder_of, version_folder_of
from components.records.catalogue import read_catalogue
from components.records.options import read_options


class Executor(base_executor.BaseExecutor):
    """Runs one training. See `HypRankTrainer` for the artifacts."""

    def Do(  # noqa: N802 (TFX's name)
        self, input_dict: Artifacts, output_dict: Artifacts, exec_properties: dict[str, Any]
    ) -> None:
        rerankers = read_rerankers(folder_of(input_dict, "domain_models"))
        rank, dev = (
            read_reranked(folder_of(input_dict, "hypotheses"), split, rerankers) for split in ("rank", "dev")
        )
        train_hyprank(
            rank,
            dev,
            read_catalogue(folder_of(input_dict, "catalogue") / CATALOGUE),
            read_popularity(folder_of(input_dict, "popularity")),
            read_options(exec_properties["options"], HypRankOptions),
            version_folder=version_folder_of(output_dict, "model"),
            run_folder=folder_of(output_dict, "model_run"),
            candidates=exec_properties["candidates"],
            lineage={name: f"artifact {artifacts[0].id}" for name, artifacts in input_dict.items()},
            report=logging.getLogger(__name__).info,
        )
