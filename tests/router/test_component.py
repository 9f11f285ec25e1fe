"""The Rank node: interface and executor."""

import pytest
from tfx.types import channel, standard_artifacts

from components.records.artifacts import Predictions
from components.records.examples import decode, encode, labelled_values, prediction_from
from components.records.ranked_system import RankedSystem, read_system
from components.records.serving_cost import read_serving_cost
from components.records.tfrecord import read_records, write_records
from components.router.component import Rank
from components.router.executor import Executor
from tests.router.test_rank import labelled


def artifact(kind, uri):
    made = kind()
    made.uri = str(uri)
    return made


def test_the_executor_predicts_the_splits_of_its_options(shortlister, tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "Format-Serving").symlink_to(shortlister)
    for split in ("dev", "test"):
        records = (encode(labelled_values(labelled(number))) for number in range(5))
        write_records(tmp_path / "examples" / f"Split-{split}" / "data_tfrecord-00000.gz", records)
    inputs = {
        "examples": [artifact(standard_artifacts.Examples, tmp_path / "examples")],
        "model": [artifact(standard_artifacts.Model, tmp_path / "model")],
    }
    outputs = {"predictions": [artifact(Predictions, tmp_path / "predictions")]}
    context = Executor.Context(beam_pipeline_args=["--runner=FnApiRunner"])
    Executor(context).Do(
        inputs,
        outputs,
        {
            "options": '{"splits": ["test"], "top": 2, "cost_sample": 3}',
            "serving_dir": "",
            "in_service": "{}",
        },
    )
    (split,) = (tmp_path / "predictions").glob("Split-*")
    assert split.name == "Split-test"
    assert read_system(tmp_path / "predictions") == RankedSystem(candidates=("shortlister",))
    found = [prediction_from(decode(r)) for path in split.glob("*.gz") for r in read_records(path)]
    assert sorted(p.request_id for p in found) == [f"r{n}" for n in range(5)]
    assert all(len(p.hypotheses) == 2 for p in found)
    cost = read_serving_cost(tmp_path / "predictions")
    assert cost.requests == 3
    assert 0 < cost.p50_ms <= cost.p99_ms
    assert 0 < cost.empty_mb < cost.resident_mb


def test_without_a_candidate_the_models_in_service_answer(shortlister, tmp_path):
    (tmp_path / "serving" / "shortlister").mkdir(parents=True)
    (tmp_path / "serving" / "shortlister" / "3").symlink_to(shortlister)
    records = [encode(labelled_values(labelled(number))) for number in range(5)]
    write_records(tmp_path / "examples" / "Split-test" / "data_tfrecord-00000.gz", records)
    inputs = {"examples": [artifact(standard_artifacts.Examples, tmp_path / "examples")], "model": []}
    outputs = {"predictions": [artifact(Predictions, tmp_path / "predictions")]}
    properties = {
        "options": '{"splits": ["test"], "cost_sample": 0}',
        "serving_dir": str(tmp_path / "serving"),
        "in_service": '{"shortlister": 3}',
    }
    context = Executor.Context(beam_pipeline_args=["--runner=FnApiRunner"])
    Executor(context).Do(inputs, outputs, properties)
    (path,) = (tmp_path / "predictions" / "Split-test").glob("*.gz")
    assert len(list(read_records(path))) == 5
    assert read_serving_cost(tmp_path / "predictions") is None
    assert read_system(tmp_path / "predictions") == RankedSystem(in_service={"shortlister": 3})
    with pytest.raises(ValueError, match="must name versions"):
        Executor(context).Do(inputs, outputs, properties | {"in_service": '{"hyprank": 1}'})


def test_with_no_model_at_all_there_is_no_prediction(tmp_path):
    inputs = {"examples": [artifact(standard_artifacts.Examples, tmp_path / "examples")]}
    outputs = {"predictions": [artifact(Predictions, tmp_path / "predictions")]}
    properties = {"options": "{}", "serving_dir": str(tmp_path), "in_service": "{}"}
    Executor(Executor.Context(beam_pipeline_args=["--runner=FnApiRunner"])).Do(inputs, outputs, properties)
    assert read_system(tmp_path / "predictions") == RankedSystem()
    assert [path.name for path in (tmp_path / "predictions").iterdir()] == ["system.json"]


def test_every_model_is_optional_and_versions_need_a_folder():
    examples, model = (
        channel.Channel(type=kind) for kind in (standard_artifacts.Examples, standard_artifacts.Model)
    )
    rank = Rank(examples, hyprank=model, serving_dir="/serving", in_service='{"shortlister": 3}')
    assert set(rank.inputs) == {"examples", "hyprank"}
    with pytest.raises(ValueError, match="`serving_dir` must be absolute"):
        Rank(examples, in_service='{"shortlister": 3}')
    with pytest.raises(ValueError, match="`in_service` must be JSON"):
        Rank(examples, in_service="3")


def test_wrong_options_are_refused_when_the_graph_is_built():
    channels = [
        channel.Channel(type=kind) for kind in (standard_artifacts.Examples, standard_artifacts.Model)
    ]
    assert Rank(*channels).outputs["predictions"].type is Predictions
    for options in ('{"top": 0}', '{"depth": 3}', "{"):
        with pytest.raises(ValueError, match=r"top|depth|JSON|truncated"):
            Rank(*channels, options=options)
