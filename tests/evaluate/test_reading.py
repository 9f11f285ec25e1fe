import subprocess
import sys

import pytest

from components.evaluate.frames import FrameJudge
from components.evaluate.judgement import judge
from components.evaluate.popularity import PopularSkill, popularity_bands
from components.evaluate.reading import Judging, read_examples, read_predictions, read_texts
from components.evaluate.slices import Slicer
from components.records.catalogue import read_catalogue
from components.records.text import normalise
from tests.evaluate.world import COUNTS, world, write_predictions, write_world


def test_predictions_come_back_from_every_file(tmp_path):
    pairs = world(23, skill=0.5)
    write_predictions(tmp_path, "test", pairs, shards=3)
    found = dict(read_predictions(tmp_path, "test"))
    assert {known.request.request_id: known for known, _ in pairs} == {k.request.request_id: k for k in found}


def test_a_split_that_is_not_there_is_named_with_those_that_are(tmp_path):
    write_predictions(tmp_path, "dev", [])
    with pytest.raises(FileNotFoundError, match=r"no files of split 'test'; it has dev"):
        list(read_examples(tmp_path, "test"))


def test_train_texts_are_normalised(tmp_path):
    paths = write_world(tmp_path, 31, skill=0.5)
    expected = {normalise(known.label.text) for known, _ in world(31, skill=0.5)[:10]}
    assert read_texts(paths["examples"]) == expected


def test_every_prediction_is_judged_once_in_file_order(tmp_path):
    paths = write_world(tmp_path, 29, skill=0.5)
    slicer = Slicer(read_catalogue(paths["catalogue"] / "catalogue.jsonl"), popularity_bands(COUNTS))
    pairs = list(read_predictions(paths["predictions"], "test"))
    judging = Judging(PopularSkill({}), slicer, FrameJudge({}))
    assert [(known, answer) for known, answer, _ in judging.judged(pairs)] == pairs
    table = judging.table()
    judgements = [judge(*pair) for pair in pairs]
    assert table.request_ids.tolist() == [known.request.request_id for known, _ in pairs]
    assert table.rank.tolist() == [judgement.rank for judgement in judgements]
    names = (*table.truth.names, "")
    assert [names[code] for code in table.truth.codes] == [judgement.truth for judgement in judgements]
    assert table.confidence.tolist() == [judgement.confidence for judgement in judgements]
    devices = (*table.features["device"].names, None)
    assert [devices[code] for code in table.features["device"].codes] == [k.request.device for k, _ in pairs]


def test_printing_a_summary_needs_no_tensorflow():
    script = (
        "import sys, components.evaluate.run, components.evaluate.summary;"
        "sys.exit(bool({'tensorflow', 'apache_beam', 'tfx'} & sys.modules.keys()))"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
