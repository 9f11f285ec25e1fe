"""A task's outputs, as KFP's own reader of them sees them."""

import json

import pytest
from kfp import dsl
from kfp.dsl.executor import create_artifact_instance

from pipelines.kubeflow.outputs import Outputs


def given(folder):
    artifact = {
        "name": "metrics",
        "uri": str(folder / "a/metrics"),
        "type": {"schemaTitle": "system.Metrics"},
    }
    return json.dumps(
        {
            "outputs": {
                "artifacts": {"metrics": {"artifacts": [artifact]}},
                "outputFile": str(folder / "b/out"),
            }
        }
    )


def test_content_and_metadata_lie_where_the_launcher_looks(tmp_path):
    outputs = Outputs(given(tmp_path))
    outputs.write("metrics", b"content")
    outputs.describe({"metrics": {"top1": 0.5}})
    [read] = json.loads((tmp_path / "b/out").read_text())["artifacts"]["metrics"]["artifacts"]
    artifact = create_artifact_instance({**read, "type": {"schemaTitle": "system.Metrics"}})
    assert isinstance(artifact, dsl.Metrics)
    assert artifact.metadata == {"top1": 0.5}
    assert (tmp_path / "a/metrics").read_bytes() == b"content"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"outputs": {}}'])
def test_what_is_not_kfp_s_is_refused(text):
    with pytest.raises(ValueError, match="`executor_input` must be KFP's JSON"):
        Outputs(text)
