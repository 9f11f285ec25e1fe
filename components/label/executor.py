"""The work of the Label node: from artifacts to paths, and back."""

from pathlib import Path
from typing import Any

from tfx.components.util import examples_utils
from tfx.dsl.components.base.base_beam_executor import BaseBeamExecutor
from tfx.proto import example_gen_pb2
from tfx.types import artifact_utils

from components.label.options import LabelOptions
from components.label.pipeline import LabelRequests
from components.records.artifact_files import CATALOGUE
from components.records.artifacts import Artifacts, copy_growth, folder_of
from components.records.options import read_options
from components.records.request import SPLITS


class LabelExecutor(BaseBeamExecutor):
    """Runs `pipeline.LabelRequests`."""

    def Do(  # noqa: N802 (TFX's name)
        self, input_dict: Artifacts, output_dict: Artifacts, exec_properties: dict[str, Any]
    ) -> None:
        labelled = artifact_utils.get_single_instance(output_dict["labelled"])
        copy_growth(artifact_utils.get_single_instance(input_dict["examples"]), labelled)
        labelled.split_names = artifact_utils.encode_split_names(list(SPLITS))
        examples_utils.set_payload_format(labelled, example_gen_pb2.PayloadFormat.FORMAT_TF_EXAMPLE)
        transform = LabelRequests(
            examples=folder_of(input_dict, "examples"),
            catalogue=folder_of(input_dict, "catalogue") / CATALOGUE,
            labelled=Path(labelled.uri),
            counts=folder_of(output_dict, "popularity"),
            options=read_options(exec_properties["options"], LabelOptions),
        )
        with self._make_beam_pipeline() as pipeline:
            pipeline | transform
