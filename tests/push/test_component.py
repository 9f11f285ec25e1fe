"""The Push node: interface and executor."""

import pytest
from tfx.types import channel, standard_artifacts

from components.push.component import Push
from components.push.executor import Executor, PushError
from components.records.artifacts import Predictions, Verdict
from components.records.models_config import MODELS_CONFIG, read_models_config
from components.records.verdict import Verdict as Decided
from components.records.verdict import write_verdict
from tests.push.conftest import RECORDED


def artifact(kind, uri):
    made = kind()
    made.uri = str(uri)
    return made


@pytest.fixture
def run(tmp_path, candidate, predictions, in_process):
    """Runs the executor on a model; returns the pushed artifact."""

    def do(model_folder=candidate, *, blessed=True, reason=""):
        (tmp_path / "model").mkdir(exist_ok=True)
        (tmp_path / "model" / "Format-Serving").unlink(missing_ok=True)
        (tmp_path / "model" / "Format-Serving").symlink_to(model_folder)
        words = f"Not blessed: {reason}." if reason else "Blessed."
        write_verdict(tmp_path, Decided(blessed=blessed, words=words, checks=()))
        verdict = artifact(Verdict, tmp_path)
        verdict.blessed = int(blessed)
        pushed = artifact(standard_artifacts.PushedModel, tmp_path / "pushed")
        inputs = {
            "model": [artifact(standard_artifacts.Model, tmp_path / "model")],
            "verdict": [verdict],
            "predictions": [artifact(Predictions, predictions)],
        }
        properties = {"serving_dir": str(tmp_path / "serving"), "options": "{}"}
        Executor().Do(inputs, {"pushed": [pushed]}, properties)
        return pushed

    return do


def test_a_blessed_model_is_pushed_and_the_artifact_says_what(run, tmp_path):
    pushed = run()
    assert pushed.get_int_custom_property("pushed") == 1
    assert pushed.get_int_custom_property("version.shortlister") == 1
    assert len(pushed.get_string_custom_property("hash.shortlister")) == 64
    assert pushed.get_string_custom_property("reason").startswith(f"all {RECORDED} recorded")
    assert pushed.get_string_custom_property("verdict") == "Blessed."
    (config,) = read_models_config(tmp_path / "serving" / MODELS_CONFIG)
    assert (config.name, config.labels) == ("shortlister", {"stable": 1})


def test_a_model_that_is_not_blessed_is_not_pushed_and_the_node_succeeds(run, tmp_path):
    pushed = run(blessed=False, reason="ECE is 0.2; at most 0.1 is needed")
    assert pushed.get_int_custom_property("pushed") == 0
    assert pushed.get_string_custom_property("reason") == "Not blessed: ECE is 0.2; at most 0.1 is needed."
    assert not (tmp_path / "serving" / MODELS_CONFIG).exists()


def test_a_blessed_model_that_answers_otherwise_fails_the_node(run, other):
    with pytest.raises(PushError, match=r"shortlister not pushed: .* were not reproduced"):
        run(other)


def test_wrong_calls_are_refused_when_the_graph_is_built():
    channels = {
        name: channel.Channel(type=kind)
        for name, kind in (
            ("model", standard_artifacts.Model),
            ("verdict", Verdict),
            ("predictions", Predictions),
        )
    }
    assert Push(**channels, serving_dir="/s").outputs["pushed"].type is standard_artifacts.PushedModel
    with pytest.raises(ValueError, match="`serving_dir` must be absolute"):
        Push(**channels, serving_dir="s")
    with pytest.raises(ValueError, match="request_count"):
        Push(**channels, serving_dir="/s", options='{"request_count": 3}')
    del channels["model"]
    with pytest.raises(ValueError, match="one of `model`, `domain_models` and `hyprank` must be given"):
        Push(**channels, serving_dir="/s")
