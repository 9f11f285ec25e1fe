import dataclasses
import gzip

import numpy as np
import pytest
import tensorflow as tf

from components.records.catalogue import read_catalogue
from components.records.invocation import InvocationIndex
from components.records.parse import parse_request
from components.records.skill import Skill
from components.shortlister.catalogue_text import (
    catalogue_corpus,
    catalogue_rows,
    expected_rows,
    written_texts,
)
from components.shortlister.options import ShortlisterOptions
from components.shortlister.predict import Scorer
from components.shortlister.ragged import Ragged
from components.shortlister.read_corpus import corpus_of_texts
from components.shortlister.train import text_encoder, train
from components.simulate import SimulateOptions, simulate

TEA = Skill(
    skill_id="tea",
    domain="d",
    name="Tea Timer",
    invocations=("tea timer",),
    description='Steeps for you. Say "Alexa, ask tea timer for three minutes of oolong"!\nStops when told.',
    examples=("ask tea timer to steep a cup", "Tea Timer"),
)
RAIN = Skill(skill_id="rain", domain="d", name="Rain", description="Tells whether it rains.")
MUTE = Skill(skill_id="mute", domain="d")


def encoder(options):
    return tf.function(text_encoder(options), input_signature=[tf.TensorSpec([None], tf.string)])


def known(*requests):
    """A corpus in which each skill has so many requests."""
    skill = np.repeat(np.arange(len(requests), dtype=np.int32), requests)
    options = ShortlisterOptions(word_buckets=16, gram_buckets=16).sized(100)
    return dataclasses.replace(corpus_of_texts(["a"] * len(skill), encoder(options)), skill=skill)


def test_texts_are_what_was_written_without_carrier_and_name():
    texts = [" ".join(words) for words in written_texts(TEA, InvocationIndex([TEA]))]
    assert texts == [
        "tea timer",
        "steep a cup",
        "three minutes of oolong",
        "steeps for you",
        "say alexa ask tea timer for three minutes of oolong",
        "stops when told",
    ]


def test_no_text_no_rows():
    assert catalogue_rows([MUTE], known(0), seed=0) == []
    assert {row.skill for row in catalogue_rows([MUTE, TEA], known(0, 0), seed=0)} == {1}
    assert catalogue_rows([Skill(skill_id="x", domain="d", name="Echo")], known(0), seed=0) == [(0, "echo")]


def test_made_rows_hold_words_of_their_skill_alone_and_are_repeatable():
    rows = catalogue_rows([TEA, RAIN], known(0, 0), seed=3)
    own = [
        {word for words in written_texts(skill, InvocationIndex([])) for word in words}
        for skill in (TEA, RAIN)
    ]
    assert all(set(row.text.split()) <= own[row.skill] for row in rows)
    assert rows == catalogue_rows([TEA, RAIN], known(0, 0), seed=3)
    assert rows != catalogue_rows([TEA, RAIN], known(0, 0), seed=4)
    assert sum(row.skill == 0 for row in rows) > sum(row.skill == 1 for row in rows)


def test_many_requests_leave_few_rows():
    def count(requests):
        return len(catalogue_rows([TEA], known(requests), seed=0))

    assert count(0) > count(10) > count(200) >= count(2_000) == 1
    assert expected_rows(1, 10) == 24 >= count(10)


def test_rows_get_lists_as_the_requests_have_them():
    options = ShortlisterOptions().sized(100)
    encode = encoder(options)
    lists = [(1, 3), (2, 3)] * 50  # skills 0 and 1, always enabled; number + 1
    requests = dataclasses.replace(
        corpus_of_texts(["a", "b"] * 50, encode),
        skill=np.array([0, 1] * 50, np.int32),
        enabled=Ragged.of(lists),
    )
    rows = catalogue_rows([TEA, RAIN, MUTE], requests, seed=0)
    corpus = catalogue_corpus(rows, requests, encode, weight=0.25, seed=0)
    assert (corpus.enabled.lengths == 2).all()
    assert all(skill + 1 in corpus.enabled.pad(np.array([row])) for row, skill in enumerate(corpus.skill))
    assert (corpus.weight == 0.25).all()
    assert set(corpus.skill) == {0, 1}
    bare = dataclasses.replace(requests, enabled=Ragged.empty(100))
    assert (catalogue_corpus(rows, bare, encode, weight=1.0, seed=0).enabled.lengths == 0).all()
    joined = requests.join(corpus)
    assert len(joined) == len(requests) + len(corpus)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("world")
    options = SimulateOptions(skills=24, customers=60, requests=1500, seed=5, invocations=0.0, rejected=0.0)
    simulate(folder, options)
    files = sorted((folder / "requests").iterdir())
    lines = [line for path in files for line in gzip.decompress(path.read_bytes()).splitlines()]
    requests = [request for line in lines if (request := parse_request(line)).skill_id]
    return list(read_catalogue(folder / "catalogue.jsonl")), requests


def test_a_skill_with_only_a_description_is_found(world):
    """A third of the skills have neither example nor request; their requests are found above chance."""
    skills, requests = world
    number = {skill.skill_id: place for place, skill in enumerate(skills)}
    hidden = {skill.skill_id for skill in skills[::3]}
    skills = [
        Skill(skill_id=skill.skill_id, domain=skill.domain, name=skill.name, description=skill.description)
        if skill.skill_id in hidden
        else skill
        for skill in skills
    ]
    options = ShortlisterOptions(
        personalisation="none", epochs=6, batch_size=64, learning_rate=5e-3, gram_size=48, lstm_size=8, seed=1
    ).sized(2000)
    encode = encoder(options)

    def corpus(kept):
        found = [request for request in requests if (request.skill_id in hidden) is not kept]
        texts = corpus_of_texts([request.utterance for request in found], encode)
        labels = np.array([number[request.skill_id] for request in found], np.int32)
        return dataclasses.replace(texts, skill=labels)

    shown, unseen = corpus(True), corpus(False)
    rows = catalogue_rows(skills, shown, seed=1)
    joined = shown.join(catalogue_corpus(rows, shown, encode, weight=1.0, seed=1))
    network = train(joined, shown.take(np.arange(0)), skills=len(skills), options=options).network
    found, _ = Scorer(network, skills=len(skills)).top(unseen, np.arange(len(unseen)), k=3)
    assert np.mean(found[:, 0] == unseen.skill) > 3 / len(skills)
    assert np.mean((found == unseen.skill[:, None]).any(axis=1)) > 7 / len(skills)
    shown_found, _ = Scorer(network, skills=len(skills)).top(shown, np.arange(len(shown)), k=1)
    assert np.mean(shown_found[:, 0] == shown.skill) > 0.5
