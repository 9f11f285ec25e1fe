"""Batch prediction: the same answers as live ones, beside the features of the examples."""

import gzip

import apache_beam as beam
import pytest

from components.records.examples import decode, encode, labelled_from, labelled_values, prediction_from
from components.records.label import Label, LabelledRequest
from components.records.request import Request
from components.records.tfrecord import read_records, write_records
from components.router.compose import compose
from components.router.models import FolderModels
from components.router.options import RankOptions
from components.router.rank import rank
from components.router.remote import RemoteModels
from components.router.workspace import WorkspaceModels
from tests.saved_models import SKILLS


def labelled(number: int) -> LabelledRequest:
    request = Request(
        request_id=f"r{number}",
        utterance=f"words {number} ü" if number % 3 else f"ask {SKILLS[number % 5]} for words {number} ü",
        enabled_skills=SKILLS[: number % 5],
        skill_id="uber",
        also_correct=("lyft",),
        outcome="handled",
    )
    return LabelledRequest(request=request, label=Label(text="words", skill_id="uber", source="annotated"))


@pytest.fixture(scope="module")
def ranked(shortlister, tmp_path_factory):
    examples, out = tmp_path_factory.mktemp("examples"), tmp_path_factory.mktemp("predictions")
    for split, numbers in (("dev", range(3)), ("test", range(3, 600))):
        write_records(
            examples / f"Split-{split}" / "data_tfrecord-00000-of-00001.gz",
            (encode(labelled_values(labelled(number))) for number in numbers),
        )
    with beam.Pipeline() as pipeline:
        rank(pipeline, examples, {"shortlister": shortlister}, out, splits=("dev", "test"), top=4)
    return out


def read(folder, split):
    paths = sorted((folder / f"Split-{split}").glob("predictions-*.gz"))
    found = [decode(record) for path in paths for record in read_records(path)]
    return {values["request_id"][0]: values for values in found}


def test_every_example_comes_out_once_with_its_features_and_a_prediction(ranked):
    assert set(read(ranked, "dev")) == {"r0", "r1", "r2"}
    test = read(ranked, "test")
    assert len(test) == 597
    assert labelled_from(test["r17"]) == labelled(17)
    assert len(prediction_from(test["r17"]).hypotheses) == 4


def test_batch_equals_live_in_process_and_remote(ranked, work, server_address):
    batch = read(ranked, "test")
    requests = [labelled(number).request for number in range(3, 600, 7)]
    with RemoteModels(server_address, work / "serving") as remote:
        for models in (WorkspaceModels(work / "serving"), remote):
            for request in requests:  # one by one, as live requests come
                (live,) = compose(models, [request], top=4)
                recorded = prediction_from(batch[request.request_id])
                assert [h.skill_id for h in live.hypotheses] == [h.skill_id for h in recorded.hypotheses]
                assert live.accepted == recorded.accepted
                for ours, theirs in zip(live.hypotheses, recorded.hypotheses, strict=True):
                    assert ours.confidence == pytest.approx(theirs.confidence, abs=1e-5)
                    assert (ours.scores.shortlister is None) == (theirs.scores.shortlister is None)
                    if ours.scores.shortlister is not None:
                        assert ours.scores.shortlister == pytest.approx(theirs.scores.shortlister, abs=1e-5)


def test_batch_decides_by_name(ranked):
    recorded = [prediction_from(values) for values in read(ranked, "test").values()]
    named = {f"r{n}": SKILLS[n % 5] for n in range(3, 600, 3)}
    firsts = {p.request_id: p.hypotheses[0] for p in recorded if p.request_id in named}
    assert {request_id: first.skill_id for request_id, first in firsts.items()} == named
    assert {round(first.confidence, 6) for first in firsts.values()} == {0.9}
    assert {first.scores.shortlister is None for first in firsts.values()} == {True, False}
    assert all(len(p.hypotheses) == 4 for p in recorded)


def test_files_are_gzip(ranked):
    (path,) = (ranked / "Split-dev").iterdir()
    with gzip.open(path) as file:
        assert file.read(1)


def test_a_missing_split_and_wrong_options(shortlister, tmp_path):
    with pytest.raises(FileNotFoundError, match="no files of split 'dev'"):
        rank(beam.Pipeline(), tmp_path, {"shortlister": shortlister}, tmp_path, splits=("dev",), top=1)
    with pytest.raises(ValueError, match="`top` must be positive"):
        RankOptions(top=0)
    with pytest.raises(ValueError, match="`splits`"):
        RankOptions(splits=())


def test_a_model_without_a_folder_is_not_served(shortlister):
    models = FolderModels({"shortlister": shortlister})
    assert [models.serves(name) for name in ("shortlister", "hyprank")] == [True, False]
    with pytest.raises(ValueError, match=r"must be one of shortlister\. Received: 'hyprank'"):
        models.run("hyprank", {})
