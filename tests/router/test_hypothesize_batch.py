"""Hypothesis lists in batch: those of live requests, judged, beside the features of the examples."""

import apache_beam as beam
import pytest
from tfx.types import channel, standard_artifacts

from components.records.artifacts import DomainModels, Hypotheses
from components.records.examples import decode, encode, labelled_from, labelled_values
from components.records.hypothesis_examples import hypotheses_from
from components.records.hypothesis_list import Judgement
from components.records.tfrecord import read_records, write_records
from components.router.component import Hypothesize
from components.router.executor import HypothesizeExecutor
from components.router.hypothesize import hypothesize
from components.router.hypothesize_batch import hypothesize_splits
from components.router.models import FolderModels
from tests.router.test_component import artifact
from tests.router.test_rank import labelled

NUMBERS = range(7)
NO_SERVICE = {"serving_dir": "", "in_service": "{}"}


@pytest.fixture(scope="module")
def examples(tmp_path_factory):
    folder = tmp_path_factory.mktemp("examples")
    for split in ("rank", "dev"):
        records = (encode(labelled_values(labelled(number))) for number in NUMBERS)
        write_records(folder / f"Split-{split}" / "data_tfrecord-00000.gz", records)
    return folder


def read(folder):
    return [
        decode(record) for path in sorted(folder.glob("hypotheses-*.gz")) for record in read_records(path)
    ]


def test_the_executor_writes_what_live_requests_get_and_judges_it(shortlister, examples, tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "Format-Serving").symlink_to(shortlister)
    (tmp_path / "domains").mkdir()
    inputs = {
        "examples": [artifact(standard_artifacts.Examples, examples)],
        "model": [artifact(standard_artifacts.Model, tmp_path / "model")],
        "domain_models": [artifact(DomainModels, tmp_path / "domains")],
    }
    outputs = {"hypotheses": [artifact(Hypotheses, tmp_path / "out")]}
    context = HypothesizeExecutor.Context(beam_pipeline_args=["--runner=FnApiRunner"])
    HypothesizeExecutor(context).Do(
        inputs, outputs, {"options": '{"splits": ["rank"], "k": 3}', **NO_SERVICE}
    )
    (split,) = (tmp_path / "out").iterdir()
    assert split.name == "Split-rank"
    found = {values["request_id"][0]: values for values in read(split)}
    live = hypothesize(
        FolderModels({"shortlister": shortlister}), [labelled(number).request for number in NUMBERS], k=3
    )
    assert len(found) == len(live)
    for listed, number in zip(live, NUMBERS, strict=True):
        values = found[f"r{number}"]
        assert labelled_from(values) == labelled(number)
        batch = hypotheses_from(values)
        assert batch.request == listed.request
        assert batch.reject == pytest.approx(listed.reject, abs=1e-5)
        assert [h.skill_id for h in batch.hypotheses] == [h.skill_id for h in listed.hypotheses]
        for hypothesis in batch.hypotheses:
            skill = hypothesis.skill_id
            wrong = Judgement(skill_right=False, right=False, errors=1)
            right = Judgement(skill_right=True, right=True, errors=0)
            also = Judgement(skill_right=True, right=False)
            assert hypothesis.judgement == {"uber": right, "lyft": also}.get(skill, wrong)


def test_a_missing_split(shortlister, tmp_path):
    with pytest.raises(FileNotFoundError, match="no files of split 'rank'"):
        hypothesize_splits(
            beam.Pipeline(), tmp_path, {"shortlister": shortlister}, tmp_path / "out", splits=("rank",), k=1
        )


def test_wrong_options_are_refused_when_the_graph_is_built():
    kinds = (standard_artifacts.Examples, standard_artifacts.Model, DomainModels)
    channels = [channel.Channel(type=kind) for kind in kinds]
    assert Hypothesize(*channels).outputs["hypotheses"].type is Hypotheses
    for options in ('{"k": 0}', '{"splits": ["train"]}', "{"):
        with pytest.raises(ValueError, match=r"`k`|`splits`|JSON"):
            Hypothesize(*channels, options=options)
