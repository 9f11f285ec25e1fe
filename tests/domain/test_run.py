import json

import numpy as np
import pytest

from components.domain.run import LOG, train_domain
from components.domain.warm_start import RECORD
from components.records.catalogue import Catalogue
from components.records.domain_signature import domain_inputs, read_readings
from components.records.servable import DEFAULT_SIGNATURE, Servable
from components.records.skill import Intent, Skill
from components.records.version_folder import SAVED_MODEL, WARMUP, read_manifest
from tests.domain.conftest import SMALL
from tests.domain.world import CATALOGUE

TRAVEL, MUSIC = "Travel & Co", "Music"


def test_the_manifest_says_what_the_model_can_say(trained):
    manifest = read_manifest(trained.folders[TRAVEL])
    assert manifest == trained.manifests[TRAVEL]
    assert (manifest.kind, manifest.prior) == ("domain", 0.5)
    assert dict(zip(manifest.skill_ids, manifest.domains, strict=True)) == {
        "hotel_1": TRAVEL,
        "hotel_2": TRAVEL,
    }
    assert manifest.intents == (
        (Intent(name="Book", slots=("city", "guests")), Intent(name="Find", slots=("city",))),
        (Intent(name="Find", slots=("location",)),),
    )
    assert len(manifest.catalogue_hash) == 64
    assert read_manifest(trained.folders[MUSIC]).intents == ((Intent(name=""),),)


def test_dev_figures(trained):
    travel, music = (trained.manifests[domain].metrics for domain in (TRAVEL, MUSIC))
    for figure in ("dev_domain_accuracy", "dev_intent_accuracy", "dev_slot_f1", "dev_frame_accuracy"):
        assert travel[figure] > 0.9, figure
    assert music["dev_domain_accuracy"] > 0.9
    assert "dev_slot_f1" not in music
    assert travel["dev_own"] + travel["dev_foreign"] == len(trained.dev)


def test_what_is_left_beside(trained):
    record = json.loads((trained.runs / trained.folders[TRAVEL].name / RECORD).read_text())
    assert record["own"] == record["all_own"] > record["foreign"] > 0
    assert len(record["epochs"]) == SMALL.epochs
    assert record["metrics"] == trained.manifests[TRAVEL].metrics
    assert "epoch 1/" in (trained.runs / trained.folders[TRAVEL].name / LOG).read_text()
    folder = trained.folders[TRAVEL]
    assert (folder / SAVED_MODEL).is_file()
    assert (folder / WARMUP).is_file()
    assert not list(folder.glob(".*"))


def test_domain_scores_are_probabilities(trained):
    """At even odds, as the declared prior has it, own and foreign requests lie on their sides of 0."""
    twin = Servable.load(trained.folders[TRAVEL])
    texts = [each.label.text for each in trained.dev]
    answers = read_readings(twin.predict(DEFAULT_SIGNATURE, domain_inputs(texts, [[]] * len(texts))))
    own = np.array([each.label.skill_id != "radio" for each in trained.dev])
    scores = np.array([answer.domain_score for answer in answers])
    assert ((scores > 0) == own).mean() > 0.9
    assert np.abs(scores).max() <= 20


def test_a_domain_without_requests_has_no_model(trained, tmp_path):
    catalogue = Catalogue([*CATALOGUE, Skill(skill_id="oven", domain="Kitchen")])
    found = train_domain(
        trained.examples,
        catalogue,
        "Kitchen",
        SMALL,
        version_folder=tmp_path / "model",
        run_folder=tmp_path / "run",
    )
    assert found is None
    assert not list(tmp_path.iterdir())


def test_a_domain_that_is_not_there(trained, tmp_path):
    with pytest.raises(ValueError, match="`domain` must have a skill in the catalogue"):
        train_domain(
            trained.examples,
            CATALOGUE,
            "Cars",
            SMALL,
            version_folder=tmp_path / "model",
            run_folder=tmp_path / "run",
        )
