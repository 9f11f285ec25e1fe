import json
import shutil

import keras
import msgspec
import numpy as np
import pytest
import tensorflow as tf

from components.records.catalogue import write_catalogue
from components.records.known_words import read_known_words
from components.records.skill import Skill
from components.records.skill_change import Add, Remove, Rename
from components.records.version_folder import read_manifest, write_manifest
from components.shortlister import run as training
from components.shortlister.expand.features import FEATURES
from components.shortlister.expand.rows import lexicon_of, with_lexicon
from components.shortlister.expand.run import Folders, change_skills
from components.shortlister.lexicon import lexical_texts
from components.shortlister.list_trust import LIST_TRUST
from components.shortlister.train import text_encoder
from components.shortlister.training_record import RECORD, WEIGHTS
from tests.shortlister.test_run import OPTIONS
from tests.shortlister.world import CATALOGUE, labelled, write_split, write_toy

TRAINED = msgspec.structs.replace(OPTIONS, epochs=6, gram_buckets=2048, gram_size=64)
TEXTS = ["please taxi now", "start weather", "pottery for me", "i want pottery today"]


def folders(root):
    names = ("model/Format-Serving", "run", "catalogue", "examples", "popularity")
    return Folders(*(root / name for name in names))


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    made = folders(tmp_path_factory.mktemp("base"))
    write_toy(made.examples)
    made.catalogue.mkdir()
    write_catalogue(made.catalogue / "catalogue.jsonl", CATALOGUE)
    made.popularity.mkdir()
    (made.popularity / "popularity.json").write_text(json.dumps(dict.fromkeys(CATALOGUE.skill_ids, 30)))
    training.train_shortlister(
        made.examples, CATALOGUE, TRAINED, version_folder=made.version, run_folder=made.model_run
    )
    return made


@pytest.fixture(scope="module")
def added(base, tmp_path_factory):
    """Pottery, with requests, and yoga, with a description alone."""
    staged, target = tmp_path_factory.mktemp("staged"), folders(tmp_path_factory.mktemp("added"))
    skills = [
        Skill(skill_id="pottery", domain="craft", examples=("pottery class",)),
        Skill(skill_id="yoga", domain="sport", name="Yoga", description="Yoga for you. Can do yoga again."),
    ]
    write_catalogue(staged / "catalogue.jsonl", skills)
    carriers = ("please {} now", "i want {} today", "{} for me", "can you do {} again", "start {}")
    requests = [
        labelled(f"p{n}", carriers[n % 5].format("pottery"), skill_id="pottery", enabled=("pottery",))
        for n in range(20)
    ]
    write_split(staged, "train", requests)
    change_skills(Add(folder=str(staged), fingerprint="abc"), base, target)
    return target


def ask(made, texts=TEXTS, k=3):
    served = tf.saved_model.load(str(made.version)).signatures["serving_default"]
    enabled = tf.constant([[""]] * len(texts))
    found = served(utterance=tf.constant(texts), enabled=enabled, k=tf.constant(k))
    return found["skill_ids"].numpy().astype(str), found["scores"].numpy()


def weights(made):
    return [w.numpy() for w in keras.models.load_model(made.model_run / WEIGHTS).weights]


def test_new_skills_are_found_and_old_ones_still(added):
    skills, scores = ask(added, [*TEXTS, "can you do yoga again"], k=12)
    assert [skill[0].split("-")[0] for skill in skills[:2]] == ["taxi", "weather"]
    pottery, yoga = (scores[skills == name] for name in ("pottery", "yoga"))  # in the texts' order
    assert min(pottery[2:4]) > max(pottery[:2])
    assert yoga[4] > max(yoga[:2])  # a description alone: weakly


def test_the_old_skills_weights_are_untouched(base, added):
    for before, after in zip(weights(base), weights(added), strict=True):
        np.testing.assert_array_equal(after[: len(before)] if before.ndim else after, before)


def test_the_manifest_and_the_data_know_the_new_skills(base, added):
    manifest = read_manifest(added.version)
    assert manifest.skill_ids == (*CATALOGUE.skill_ids, "pottery", "yoga")
    assert manifest.domains[-2:] == ("craft", "sport")
    assert manifest.names[-1].name == "Yoga"
    words = [read_known_words(made.version) for made in (base, added)]
    assert ["pottery" in known for known in words] == [False, True]
    assert manifest.catalogue_hash != read_manifest(base.version).catalogue_hash
    assert manifest.lineage["change_1"].startswith("added pottery, yoga (sha256 abc); 10 skills before, 12")
    assert json.loads((added.popularity / "popularity.json").read_bytes())["pottery"] == 20
    assert len(list((added.examples / "Split-train").iterdir())) == 2
    record = json.loads((added.model_run / RECORD).read_bytes())
    assert record["changes"][0]["skills"] == 12


def test_a_second_change_builds_on_the_first(added, tmp_path):
    target = folders(tmp_path)
    manifest = change_skills(Remove(skill_ids=("yoga", "taxi-one")), added, target)
    assert "yoga" not in manifest.skill_ids
    assert len(manifest.skill_ids) == 10
    assert set(manifest.lineage) >= {"change_1", "change_2"}
    skills, _ = ask(target)
    assert skills[0, 0] == "taxi-two"
    assert "taxi-one" not in skills


def test_a_domain_goes_with_its_last_skill_and_the_trust_in_lists_stays(added, base, tmp_path):
    manifest = change_skills(Remove(skill_ids=("yoga",)), added, folders(tmp_path))
    assert "sport" in read_manifest(added.version).domains
    assert "sport" not in manifest.domains
    assert len(manifest.domains) == len(manifest.skill_ids) == 11
    before = read_manifest(base.version).metrics[LIST_TRUST]
    assert manifest.metrics[LIST_TRUST] == read_manifest(added.version).metrics[LIST_TRUST] == before


def test_the_table_of_words_follows_the_skills(base, tmp_path):
    model_run, staged = tmp_path / "run", tmp_path / "staged"
    shutil.copytree(base.model_run, model_run)
    network = keras.models.load_model(model_run / WEIGHTS)
    encode = tf.function(text_encoder(msgspec.convert(read_manifest(base.version).options, type(TRAINED))))
    texts = lexical_texts(CATALOGUE.skills, [], encode)
    with_lexicon(network, texts, scale=9.0).save(model_run / WEIGHTS)
    yoga = Skill(skill_id="yoga", domain="sport", description="asanas")
    write_split(staged, "train", [])
    write_catalogue(staged / "catalogue.jsonl", [yoga])
    grown, fewer = folders(tmp_path / "added"), folders(tmp_path / "removed")
    change_skills(Add(folder=str(staged), fingerprint="abc"), base._replace(model_run=model_run), grown)
    assert ask(grown, ["asanas"])[0][0, 0] == "yoga"
    change_skills(Remove(skill_ids=("taxi-one", "news-one")), grown, fewer)
    assert ask(fewer, ["asanas"])[0][0, 0] == "yoga"
    left = [
        n for n, skill in enumerate((*CATALOGUE.skill_ids, "yoga")) if skill not in ("taxi-one", "news-one")
    ]
    before, after = (
        lexicon_of(keras.models.load_model(made.model_run / WEIGHTS)).table for made in (grown, fewer)
    )
    for word in np.unique(before.words()).tolist():
        np.testing.assert_array_equal(after.scores([word], 9), before.scores([word], 11)[left])


def test_a_renamed_skill_gets_the_same_scores(base, tmp_path):
    target = folders(tmp_path)
    manifest = change_skills(Rename(old="taxi-one", new="cab"), base, target)
    before, scores = ask(base)
    after, same = ask(target)
    np.testing.assert_array_equal(np.where(before == "taxi-one", "cab", before), after)
    np.testing.assert_array_equal(scores, same)
    assert manifest.calibration == read_manifest(base.version).calibration


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (Remove(skill_ids=("nobody",)), "must be a skill of the model in service. Received: 'nobody'"),
        (Remove(skill_ids=CATALOGUE.skill_ids), "must leave at least one skill"),
        (Rename(old="nobody", new="x"), "Received: 'nobody'"),
        (Rename(old="taxi-one", new="taxi-two"), "`new` must not be a skill of the catalogue already"),
    ],
)
def test_what_cannot_be_is_refused(base, tmp_path, change, words):
    with pytest.raises(ValueError, match=words):
        change_skills(change, base, folders(tmp_path))


def test_another_kind_of_model_or_one_without_features_is_refused(base, tmp_path):
    other = base._replace(version=tmp_path / "other", model_run=tmp_path / "run")
    other.version.mkdir()
    other.model_run.mkdir()
    manifest = read_manifest(base.version)
    write_manifest(other.version, msgspec.structs.replace(manifest, kind="domain"))
    with pytest.raises(ValueError, match=r"must be 'shortlister'\. Received: 'domain'"):
        change_skills(Remove(skill_ids=("taxi-one",)), other, folders(tmp_path / "out"))
    write_manifest(other.version, manifest)
    with pytest.raises(FileNotFoundError, match=FEATURES):
        change_skills(Remove(skill_ids=("taxi-one",)), other, folders(tmp_path / "out"))
