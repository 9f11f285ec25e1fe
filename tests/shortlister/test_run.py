import keras
import msgspec
import numpy as np
import pytest
import tensorflow as tf

from components.records.known_words import read_known_words
from components.records.manifest import SkillNames
from components.records.version_folder import WARMUP, read_manifest
from components.shortlister import run
from components.shortlister.loss import log_odds_shift
from components.shortlister.options import ShortlisterOptions
from components.shortlister.train import text_encoder
from components.shortlister.training_record import EVENTS, LOG, RECORD, WEIGHTS
from tests.shortlister.world import CATALOGUE, write_toy

OPTIONS = ShortlisterOptions(epochs=2, lstm_size=6, gram_size=7, gram_buckets=256, word_buckets=64)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    write_toy(folder / "examples")
    lines = []
    manifest = run.train_shortlister(
        folder / "examples",
        CATALOGUE,
        OPTIONS,
        version_folder=folder / "model/Format-Serving",
        run_folder=folder / "run",
        lineage={"data": "toy"},
        report=lines.append,
    )
    return folder, manifest, lines


@pytest.fixture(scope="module")
def served(trained):
    return tf.saved_model.load(str(trained[0] / "model/Format-Serving")).signatures["serving_default"]


def ask(served, texts, enabled, k):
    found = served(utterance=tf.constant(texts), enabled=tf.constant(enabled), k=tf.constant(k))
    return found["skill_ids"].numpy().astype(str), found["scores"].numpy()


def test_manifest_and_record(trained):
    folder, manifest, lines = trained
    assert read_manifest(folder / "model/Format-Serving") == manifest
    assert manifest.skill_ids == CATALOGUE.skill_ids
    assert manifest.domains[:3] == ("music", "music", "weather")
    assert manifest.lineage["data"] == "toy"
    assert manifest.names[0] == SkillNames(invocations=("one music",))
    assert manifest.named_confidence is None  # no toy request names its skill
    assert manifest.calibration.slope >= 0
    assert 0 <= manifest.metrics["dev_ece"] <= 1
    record = msgspec.json.decode((folder / "run" / RECORD).read_bytes())
    assert len(record["epochs"]) == len(lines) == 2
    assert record["requests"] == 300
    assert record["requests_per_second"] > 0
    assert (record["precision"], record["replicas"], record["resumed_from"]) == ("float32", 1, None)
    assert len(list((folder / "run" / EVENTS / "train").glob("events.out.tfevents.*"))) == 1
    assert (folder / "run" / LOG).read_text().splitlines() == lines


def test_the_version_says_which_words_were_shown(trained):
    known = read_known_words(trained[0] / "model/Format-Serving")
    assert [word in known for word in ("music", "please", "hummus")] == [True, True, False]


def test_signature(served):
    inputs = {
        name: (spec.dtype.name, spec.shape.rank)
        for name, spec in served.structured_input_signature[1].items()
    }
    assert inputs == {"utterance": ("string", 1), "enabled": ("string", 2), "k": ("int32", 0)}
    outputs = {name: (spec.dtype.name, spec.shape.rank) for name, spec in served.structured_outputs.items()}
    assert outputs == {"skill_ids": ("string", 2), "scores": ("float32", 2), "reject": ("float32", 1)}


def test_served_model_is_the_trained_one(trained, served):
    folder, manifest, _ = trained
    network = keras.models.load_model(folder / "run" / WEIGHTS)
    texts, enabled = ["music for me", "ANY taxi?"], [["music-two", ""], ["news-one", "taxi-one"]]
    numbers = np.array([[2, 0], [9, 5]], np.int32)
    options = msgspec.convert(manifest.options, ShortlisterOptions)
    log_odds = network(text_encoder(options)(tf.constant(texts)) | {"enabled": numbers}).numpy()
    expected = log_odds - log_odds_shift(len(CATALOGUE))
    order = np.argsort(-expected, axis=1)[:, :3]
    ids, scores = ask(served, texts, enabled, 3)
    np.testing.assert_array_equal(ids, np.array(CATALOGUE.skill_ids)[order])
    np.testing.assert_allclose(scores, np.take_along_axis(expected, order, 1), atol=1e-5)


@pytest.mark.parametrize(("k", "columns"), [(1, 1), (10, 10), (99, 10), (0, 0), (-3, 0)])
def test_k_is_kept_in_the_catalogue(served, k, columns):
    ids, scores = ask(served, ["music"], [[""]], k)
    assert ids.shape == scores.shape == (1, columns)


def test_unknown_enabled_skills_are_passed_over(served):
    for a, b in [([["gone", "news-one"]], [["news-one", ""]]), ([["gone", "", "lost"]], [[""]])]:
        np.testing.assert_allclose(
            ask(served, ["music"], a, 10)[1], ask(served, ["music"], b, 10)[1], atol=1e-6
        )


def test_any_text_gets_finite_scores(served):
    texts = ["", "?!", "x" * 1_000_000, "play " * 200_000, "日本語", "\x00"]
    ids, scores = ask(served, texts, [list(CATALOGUE.skill_ids)] * len(texts), 10)
    assert np.isfinite(scores).all()
    assert all(set(row) == set(CATALOGUE.skill_ids) for row in ids)
    assert served(utterance=tf.constant(["a"]), enabled=tf.zeros((1, 0), tf.string), k=tf.constant(2))[
        "scores"
    ].shape == (1, 2)
    assert ask(served, np.zeros(0, str), np.zeros((0, 1), str), 2)[1].shape == (0, 2)


def test_warmup_requests_can_be_served(trained, served):
    from tensorflow_serving.apis import prediction_log_pb2

    records = tf.data.TFRecordDataset(str(trained[0] / "model/Format-Serving" / WARMUP))
    logs = [prediction_log_pb2.PredictionLog.FromString(record.numpy()) for record in records]
    assert logs
    for log in logs:
        request = log.predict_log.request
        assert request.model_spec.signature_name == "serving_default"
        served(**{name: tf.make_ndarray(value) for name, value in request.inputs.items()})
