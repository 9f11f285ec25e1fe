"""A training that a teacher comes before; what the teacher says is made up."""

import msgspec
import numpy as np
import pytest

from components.shortlister import learn
from components.shortlister.distil.lessons import Lessons
from components.shortlister.distil.pretrain import finishing, further_texts, once
from components.shortlister.options import ShortlisterOptions
from components.shortlister.read_corpus import corpus_of_texts
from components.shortlister.run import train_shortlister
from components.shortlister.teacher.fine_tune import Heads
from components.shortlister.train import build_network
from tests.shortlister.world import CATALOGUE, write_toy

OPTIONS = ShortlisterOptions(
    epochs=2,
    lstm_size=6,
    gram_size=7,
    gram_buckets=256,
    word_buckets=64,
    teacher="minilm",
    distil_epochs=2,
)


def test_a_teacher_comes_first(tmp_path, monkeypatch):
    def ask(texts, corpus, *, skills, further, encode, report, options):
        assert "one music" in further
        np.testing.assert_array_equal(corpus_of_texts(texts, encode).words.values, corpus.words.values)
        heads = Heads(np.ones((4, skills), np.float32), np.zeros(skills, np.float32))
        return Lessons(corpus_of_texts(texts, encode), np.ones((len(texts), 4), np.float16), heads)

    monkeypatch.setattr(learn, "ask_teacher", ask)
    write_toy(tmp_path / "examples")
    lines = []
    manifest = train_shortlister(
        tmp_path / "examples",
        CATALOGUE,
        OPTIONS,
        version_folder=tmp_path / "model",
        run_folder=tmp_path / "run",
        report=lines.append,
    )
    starts = [" ".join(line.split()[:3]) for line in lines]
    assert starts == [
        "distillation: epoch 1/2",
        "distillation: epoch 2/2",
        "finish: epoch 1/2",
        "finish: epoch 2/2",
    ]
    assert manifest.options["teacher"] == "minilm"


def test_a_network_that_begins_with_the_catalogue_is_taught_by_its_texts(tmp_path, monkeypatch):
    def ask(skills, texts, requests, *, options, encode, report):
        assert len(texts) == len(requests) == 300  # none that were made from the catalogue
        heads = Heads(np.ones((4, len(skills)), np.float32), np.zeros(len(skills), np.float32))
        return Lessons(corpus_of_texts(texts, encode), np.ones((len(texts), 4), np.float16), heads)

    monkeypatch.setattr(learn, "ask_about_catalogue", ask)
    write_toy(tmp_path / "examples")
    lines = []
    train_shortlister(
        tmp_path / "examples",
        CATALOGUE,
        msgspec.structs.replace(OPTIONS, catalogue_start=True, utterance_size=7, epochs=1, distil_epochs=1),
        version_folder=tmp_path / "model",
        run_folder=tmp_path / "run",
        report=lines.append,
    )
    assert [" ".join(line.split()[:3]) for line in lines] == ["distillation: epoch 1/1", "finish: epoch 1/1"]


def test_the_finish_is_short_and_slow():
    phase = finishing(ShortlisterOptions().sized(1000))
    assert phase.epochs == 3
    assert phase.learning_rate == pytest.approx(ShortlisterOptions().learning_rate / 10)
    assert phase.name != "train"  # another random order, another checkpoint
    for last_word in (ShortlisterOptions(personalisation="none"), ShortlisterOptions(catalogue_start=True)):
        phase = finishing(last_word.sized(1000))
        assert (phase.epochs, phase.learning_rate) == (1, pytest.approx(last_word.learning_rate / 100))


def test_further_texts_are_the_catalogues_and_the_files(tmp_path):
    (tmp_path / "a.txt").write_text("wake me up\n\n  \nbuy milk\n", encoding="utf-8")
    (tmp_path / "b.txt").write_text("größer", encoding="utf-8")
    files = (str(tmp_path / "a.txt"), str(tmp_path / "b.txt"))
    found = further_texts(CATALOGUE, ShortlisterOptions(teacher_files=files))
    assert "one music" in found
    assert found[-3:] == ["wake me up", "buy milk", "größer"]
    with pytest.raises(FileNotFoundError):
        further_texts(CATALOGUE, ShortlisterOptions(teacher_files=("missing.txt",)))


def test_a_taught_network_is_made_once(tmp_path):
    options = ShortlisterOptions(word_buckets=16, gram_buckets=16).sized(100)
    made = []

    def make():
        made.append(build_network(msgspec.structs.replace(options, seed=5), skills=3))
        return made[-1]

    for _ in range(2):
        network = once(make, tmp_path / "kept" / "taught.npz", skills=3, options=options)
        for a, b in zip(network.get_weights(), made[0].get_weights(), strict=True):
            np.testing.assert_array_equal(a, b)
    assert len(made) == 1
    assert once(make, None, skills=3, options=options) is made[1]
