"""A training that goes on from an earlier model: which rows it begins with, and that it is the same twice."""

import keras
import numpy as np
import pytest

from components.records.catalogue import Catalogue
from components.records.skill import Skill
from components.records.version_folder import read_manifest
from components.shortlister.expand.rows import skill_rows
from components.shortlister.options import ShortlisterOptions
from components.shortlister.phase import WARM, Phase
from components.shortlister.run import train_shortlister
from components.shortlister.train import build_network, train
from components.shortlister.training_data import read_training_data
from components.shortlister.training_record import WEIGHTS
from components.shortlister.warm_start import Parent, trained_options, warm_start
from tests.shortlister.world import CATALOGUE, write_toy

SIZES = {"lstm_size": 6, "gram_size": 7, "gram_buckets": 256, "word_buckets": 64, "utterance_size": 8}
OPTIONS = ShortlisterOptions(epochs=2, batch_size=32, **SIZES)
NEW = Skill(skill_id="chess", domain="games")
AFTER = Catalogue([NEW, *reversed(CATALOGUE.skills[1:])])


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("warm")
    write_toy(folder / "examples")
    parent = Parent(folder / "version", folder / "run")
    train_shortlister(folder / "examples", CATALOGUE, OPTIONS, version_folder=parent[0], run_folder=parent[1])
    return folder, parent


def test_known_skills_keep_their_rows_and_a_new_one_gets_those_of_any_beginning(world):
    _, parent = world
    old = keras.models.load_model(parent.model_run / WEIGHTS)
    begun = warm_start(parent, AFTER.skill_ids, OPTIONS)
    assert begun.words == f"{len(CATALOGUE) - 1} of {len(CATALOGUE)} skills known, 1 gone"
    before, after = skill_rows(old), skill_rows(begun.network)
    fresh = skill_rows(build_network(OPTIONS, skills=len(AFTER)))
    np.testing.assert_array_equal(after.kernel[1:], before.kernel[1:][::-1])
    np.testing.assert_array_equal(after.embedding[1:], before.embedding[1:][::-1])
    np.testing.assert_array_equal(after.flag[1:], before.flag[1:][::-1])
    np.testing.assert_array_equal(after.kernel[0], fresh.kernel[0])
    np.testing.assert_array_equal(after.embedding[0], fresh.embedding[0])
    np.testing.assert_array_equal(begun.network.bag.table, old.bag.table)


def test_a_training_from_one_parent_gives_one_result(world):
    folder, parent = world
    assert read_manifest(parent.version).lineage["warm_start"] == "no earlier model"
    data = read_training_data(folder / "examples", AFTER, OPTIONS, like=trained_options(parent))
    weights = []
    for _ in range(2):
        begun = warm_start(parent, AFTER.skill_ids, data.options)
        made = train(
            data.corpus,
            data.dev,
            skills=len(AFTER),
            options=data.options,
            start=begun.network,
            phase=Phase.warm(data.options),
        )
        assert [epoch.phase for epoch in made.epochs] == [WARM]
        weights.append(made.network.get_weights())
    for one, other in zip(*weights, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"gram_size": 9}, "the earlier model has another gram_size"),
        ({"personalisation": "flag", "lstm_size": 4}, "another lstm_size, personalisation"),
    ],
)
def test_where_the_options_do_not_allow_it_training_begins_anew(world, changed, words):
    options = ShortlisterOptions(**{"batch_size": 32, "epochs": 2, **SIZES, **changed})
    begun = warm_start(world[1], AFTER.skill_ids, options)
    assert begun.network is None
    assert begun.words.endswith(words)


def test_sizes_are_kept_as_long_as_they_do():
    like = ShortlisterOptions().sized(9_000)
    assert like.word_buckets == 8_192
    kept = ShortlisterOptions().sized(20_000, like=like)
    assert (kept.word_buckets, kept.utterance_size) == (8_192, like.utterance_size)
    assert kept.epochs == ShortlisterOptions().sized(20_000).epochs
    assert ShortlisterOptions().sized(40_000, like=like).word_buckets == 32_768
    assert ShortlisterOptions(word_buckets=64).sized(9_000, like=like).word_buckets == 64


@pytest.mark.parametrize(("epochs", "warm"), [(1, 1), (4, 2), (5, 3)])
def test_the_warm_phase_is_half_as_long_at_half_the_rate(epochs, warm):
    phase = Phase.warm(ShortlisterOptions(epochs=epochs, learning_rate=0.004, **SIZES))
    assert (phase.epochs, phase.learning_rate) == (warm, 0.002)
