"""The work of `Rank`: artifacts in, `rank` on Beam, artifact out."""

from pathlib import Path
from typing import Any

from tfx.dsl.components.base import base_beam_executor
from tfx.types import artifact_utils
from tfx.utils import path_utils

from components.records.options import read_options
from components.router.options import RankOptions
from components.router.rank import rank


class Executor(base_beam_executor.BaseBeamExecutor):
    """Predicts the splits. See `Rank` for the artifacts."""

    def Do(  # noqa: N802 (TFX's name)
        self, input_dict: dict[str, Any], output_dict: dict[str, Any], exec_properties: dict[str, Any]
    ) -> None:
        options = read_options(exec_properties["options"], RankOptions)
        model = artifact_utils.get_single_instance(input_dict["model"])
        with self._make_beam_pipeline() as pipeline:
            rank(
                pipeline,
                Path(artifact_utils.get_single_uri(input_dict["examples"])),
                Path(path_utils.serving_model_dir(model.uri)),
                Path(artifact_utils.get_single_uri(output_dict["predictions"])),
                splits=options.splits,
                top=options.top,
            )
