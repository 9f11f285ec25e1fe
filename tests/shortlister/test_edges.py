"""Data at the edge of what can be trained on: it trains, or one sentence says why not."""

from functools import partial

import numpy as np
import pytest

from components.records.artifact_files import split_files
from components.records.catalogue import Catalogue
from components.records.servable import DEFAULT_SIGNATURE, Servable
from components.records.skill import Skill
from components.shortlister.options import ShortlisterOptions
from components.shortlister.run import train_shortlister
from tests.saved_models import export_shortlister
from tests.shortlister.world import labelled, write_split

OPTIONS = ShortlisterOptions(
    epochs=1, batch_size=16, lstm_size=6, gram_size=7, gram_buckets=256, word_buckets=64, utterance_size=8
)
TEXTS = {
    "ten thousand characters": "play jazz " * 1000,
    "one word of ten thousand": "x" * 10_000,
    "emoji": "🎵 play 🎷jazz👩\u200d🚀",
    "right to left": "شغّل موسيقى \u202eplay\u202c שיר",
    "NUL": "play\x00jazz",
    "nothing": "",
    "controls": "\x01\x02\x7f\ufeff",
}


def train(folder, catalogue, train=(), dev=()):
    write_split(folder, "train", train)
    write_split(folder, "dev", dev)
    manifest = train_shortlister(
        folder, catalogue, OPTIONS, version_folder=folder / "1", run_folder=folder / "run"
    )
    return manifest, partial(answers, Servable.load(folder / "1"))


def answers(servable, texts, *, k, enabled=""):
    inputs = {
        "utterance": np.array([text.encode() for text in texts], object),
        "enabled": np.array([[enabled.encode()]] * len(texts), object),
        "k": np.array(k, np.int32),
    }
    return servable.predict(DEFAULT_SIGNATURE, inputs)


def test_one_single_skill(tmp_path):
    catalogue = Catalogue([Skill(skill_id="jazz", domain="Music")])
    requests = [labelled(f"r{n}", "play jazz", skill_id="jazz") for n in range(20)]
    manifest, ask = train(tmp_path, catalogue, requests, requests[:5])
    assert manifest.metrics["dev_top1"] == 1.0
    found = ask(["play jazz", "anything"], k=5, enabled="jazz")
    assert found["skill_ids"].tolist() == [[b"jazz"], [b"jazz"]]
    assert np.isfinite(found["scores"]).all()


def test_a_skill_that_no_request_names_and_nothing_describes(tmp_path):
    catalogue = Catalogue([Skill(skill_id=name, domain="Music") for name in ("jazz", "rock", "unknown")])
    pairs = [("jazz", "play jazz"), ("rock", "some rock")] * 30
    requests = [labelled(f"r{n}", text, skill_id=skill) for n, (skill, text) in enumerate(pairs)]
    manifest, ask = train(tmp_path, catalogue, requests, requests[:10])
    assert manifest.skill_ids == ("jazz", "rock", "unknown")
    found = ask(["play jazz"], k=3)
    assert found["skill_ids"][0, 2] == b"unknown"  # it is in the answer, behind those that were learnt
    assert np.isfinite(found["scores"]).all()


def test_an_empty_dev_split(tmp_path):
    catalogue = Catalogue([Skill(skill_id=name, domain="Music") for name in ("jazz", "rock")])
    requests = [labelled(f"r{n}", "play jazz", skill_id="jazz") for n in range(20)]
    manifest, ask = train(tmp_path, catalogue, requests)
    assert "dev_top1" not in manifest.metrics
    assert manifest.refusal is None
    assert manifest.no_refusal
    assert np.isfinite(ask(["play jazz"], k=2)["scores"]).all()


def test_no_label_at_all(tmp_path):
    catalogue = Catalogue([Skill(skill_id="jazz", domain="Music")])
    with pytest.raises(ValueError, match="label"):
        train(tmp_path, catalogue, [labelled("r", "play jazz")], [])


def test_a_damaged_file_is_named(tmp_path):
    catalogue = Catalogue([Skill(skill_id="jazz", domain="Music")])
    requests = [labelled(f"r{n}", f"play jazz {n}", skill_id="jazz") for n in range(20)]
    write_split(tmp_path, "train", requests)
    write_split(tmp_path, "dev", requests)
    (file,) = split_files(tmp_path, "train")
    file.write_bytes(file.read_bytes()[:-20])
    with pytest.raises(ValueError, match=r"Split-train/data_tfrecord-.*gz is no complete"):
        train_shortlister(
            tmp_path, catalogue, OPTIONS, version_folder=tmp_path / "1", run_folder=tmp_path / "run"
        )
    assert not (tmp_path / "1" / "saved_model.pb").exists()


@pytest.fixture(scope="module")
def forms(tmp_path_factory):
    folder = export_shortlister(tmp_path_factory.mktemp("model"), storage="float32")
    return [Servable.load(folder, saved_model=saved_model) for saved_model in (False, True)]


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_any_text_gets_the_same_finite_scores_from_both_forms(forms, text):
    twin, saved_model = (answers(form, [text, "play"], k=5) for form in forms)
    assert np.isfinite(twin["scores"]).all()
    np.testing.assert_allclose(twin["scores"], saved_model["scores"], rtol=1e-5, atol=1e-5)
