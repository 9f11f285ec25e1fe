"""A domain's model with other skills: nothing is learnt, nothing of the old skills is lost."""

import filecmp

import msgspec
import numpy as np
import pytest

from components.domain.change_skills import change_skills
from components.domain.changed_schema import changed_reranker, changed_schema
from components.records.catalogue import Catalogue
from components.records.domain_schema import domain_schema
from components.records.domain_signature import domain_inputs, read_readings
from components.records.reranker import Reranker
from components.records.servable import DEFAULT_SIGNATURE, Servable
from components.records.skill import Intent, Skill
from components.records.skill_change import Add, Remove, Rename, merged, renamed, without
from components.records.version_folder import TWIN, TWIN_SPEC, read_manifest
from tests.domain.test_twin import assert_equal
from tests.domain.world import CATALOGUE

TRAVEL = "Travel & Co"
ADD = Add(folder="", fingerprint="f")
NEW = (
    Skill(
        skill_id="hostel",
        domain=TRAVEL,
        intents=(Intent(name="Find", slots=("city", "beds")), Intent(name="Cancel", slots=("city",))),
    ),
    Skill(skill_id="bakery", domain="Bread", intents=(Intent(name="Find", slots=("city",)),)),
    Skill(skill_id="camping", domain=TRAVEL, intents=(Intent(name="Pitch"),)),
)


def schema(*skills, no_intent=False):
    return domain_schema("d", skills, no_intent=no_intent)


def named(found):
    readings = ({each.name: each.slots for each in skill} for skill in found.in_names())
    return dict(zip(found.skill_ids, readings, strict=True))


def skill(skill_id, domain="d", **intents):
    return Skill(
        skill_id=skill_id,
        domain=domain,
        intents=tuple(Intent(name=name, slots=slots) for name, slots in intents.items()),
    )


def test_a_new_skill_is_read_as_far_as_the_model_knows_its_intents_and_slots():
    old = skill("old", Find=("city",), Book=("city", "guests"))
    new = skill("new", Find=("city", "stars"), Cancel=("city",))
    after = Catalogue([old, new, skill("alien", Fly=()), skill("bare"), skill("other", "e", Find=())])
    found = changed_schema(schema(old), ADD, after)
    assert named(found) == {"old": named(schema(old))["old"], "new": {"Find": ("city",)}}
    assert (found.intents, found.slots) == (schema(old).intents, schema(old).slots)


def test_no_intent_is_a_reading_where_the_model_knows_it():
    old, bare = skill("old", Find=("city",)), skill("bare")
    new, alien = skill("new"), skill("alien", Fly=("city",))
    mixed = changed_schema(schema(old, bare), ADD, Catalogue([old, bare, new, alien]))
    assert named(mixed) == {"old": {"Find": ("city",)}, "bare": {"": ()}, "new": {"": ()}}
    always = changed_schema(schema(old, no_intent=True), ADD, Catalogue([old, alien]))
    assert named(always) == {"old": {"": ("city",), "Find": ("city",)}, "alien": {"": ("city",)}}


def test_skills_go_and_are_renamed():
    one, two = skill("one", Find=()), skill("two", Find=())
    both, catalogue = schema(one, two), Catalogue([one, two])
    gone = Remove(skill_ids=("one",))
    assert changed_schema(both, gone, without(catalogue, gone)).skill_ids == ("two",)
    rename = Rename(old="one", new="uno")
    assert named(changed_schema(both, rename, renamed(catalogue, rename))) == {
        "uno": {"Find": ()},
        "two": {"Find": ()},
    }
    assert changed_schema(both, gone, Catalogue([skill("elsewhere", "e")])) is None


def test_what_a_reranker_learnt_of_a_skill_keeps_to_its_new_id():
    names = ("bias", "previous_skill=b", "previous_skill=a", "device=tv")
    reranker = Reranker(loss="R2", features=names, weights=(1.0, 2.0, 3.0, 4.0), own_share=0.5, lists=9)
    found = changed_reranker(reranker, Rename(old="a", new="b"))
    assert (found.features, found.weights) == (("bias", "previous_skill=b", "device=tv"), (1.0, 3.0, 4.0))
    for change in (Rename(old="c", new="d"), Remove(skill_ids=("a",)), ADD):
        assert changed_reranker(reranker, change) is reranker
    assert changed_reranker(None, ADD) is None


@pytest.fixture(scope="module")
def added(trained, tmp_path_factory):
    """The travel model's version folders before and after the new skills, and the manifest returned."""
    target = tmp_path_factory.mktemp("added") / "model"
    manifest = change_skills(ADD, merged(CATALOGUE, Catalogue(NEW)), trained.folders[TRAVEL], target)
    return trained.folders[TRAVEL], target, manifest


def asked(folder, skills, texts, *, saved_model):
    padded = np.tile(np.array([each.encode() for each in skills], object), (len(texts), 1))
    inputs = {"utterance": np.array([text.encode() for text in texts], object), "skill_ids": padded}
    return Servable.load(folder, saved_model=saved_model).predict(DEFAULT_SIGNATURE, inputs)


@pytest.mark.parametrize("saved_model", [False, True])
def test_readings_of_the_old_skills_are_the_same_to_the_bit(added, trained, saved_model):
    before, after, _ = added
    texts = [each.label.text for each in trained.dev]
    old = asked(before, ["hotel_2", "hotel_1", ""], texts, saved_model=saved_model)
    new = asked(after, ["hotel_2", "hotel_1", ""], texts, saved_model=saved_model)
    for name, values in old.items():
        np.testing.assert_array_equal(new[name], values, err_msg=name)


def test_both_forms_of_the_changed_model_are_alike(added, trained):
    forms = (Servable.load(added[1]), Servable.load(added[1], saved_model=True))
    texts = [each.label.text.encode() for each in trained.dev]
    assert_equal(forms, texts, ["hostel", "camping", "hotel_1", "", "bakery", "nobody"])


def test_weights_and_tables_of_the_twin_are_the_very_files(added):
    before, after, _ = added
    names = {path.relative_to(before).as_posix() for path in before.rglob("*") if path.is_file()}
    twin = {name for name in names if name.startswith("encoder/") or name == TWIN} - {TWIN_SPEC}
    assert len(twin) > 5
    for name in twin:
        assert filecmp.cmp(before / name, after / name, shallow=False), name


def test_the_new_skill_is_read_by_what_the_model_knows(added):
    before, after, _ = added
    text = "find a hotel in São Paulo"
    (answer,) = read_readings(
        Servable.load(after).predict(DEFAULT_SIGNATURE, domain_inputs([text], [["hostel", "camping"]]))
    )
    known, unknown = answer.skills
    assert {reading.intent for reading in known} == {"Find"}
    assert [(slot.name, slot.value) for slot in known[0].slots] == [("city", "São Paulo")]
    assert [tuple(reading) for reading in unknown] == [(None, (), None, None)]
    (old,) = read_readings(
        Servable.load(before).predict(DEFAULT_SIGNATURE, domain_inputs([text], [["hostel"]]))
    )
    assert [tuple(reading) for reading in old.skills[0]] == [(None, (), None, None)]


def test_the_manifest_of_the_changed_model(added):
    before, after, manifest = added
    old = read_manifest(before)
    assert read_manifest(after) == manifest
    assert manifest.skill_ids == (*old.skill_ids, "hostel")
    assert manifest.intents == (*old.intents, (Intent(name="Find", slots=("city",)),))
    assert manifest.lineage["change_1"] == "added hostel (sha256 f); 2 skills before, 3 after"
    kept = {"skill_ids", "domains", "intents", "lineage", "catalogue_hash"}
    for field in msgspec.structs.fields(manifest):
        if field.name not in kept:
            assert getattr(manifest, field.name) == getattr(old, field.name), field.name


def test_a_second_change_builds_on_the_first_and_may_take_it_back(added, trained, tmp_path):
    gone = Remove(skill_ids=("hostel", "camping"))
    after = without(merged(CATALOGUE, Catalogue(NEW)), gone)
    manifest = change_skills(gone, after, added[1], tmp_path / "model")
    assert manifest.skill_ids == ("hotel_1", "hotel_2")
    assert manifest.lineage["change_2"] == "removed hostel; 3 skills before, 2 after"
    texts = [each.label.text for each in trained.dev]
    for saved_model in (False, True):
        pair = [
            asked(folder, ["hotel_1", "hostel"], texts, saved_model=saved_model)
            for folder in (trained.folders[TRAVEL], tmp_path / "model")
        ]
        for name, values in pair[0].items():
            np.testing.assert_array_equal(pair[1][name], values, err_msg=name)


def test_a_change_that_does_not_touch_the_domain_writes_nothing(trained, tmp_path):
    for change, after in (
        (ADD, merged(CATALOGUE, Catalogue(NEW[1:]))),
        (Remove(skill_ids=("hotel_1", "hotel_2")), Catalogue([CATALOGUE.by_id["radio"]])),
    ):
        assert change_skills(change, after, trained.folders[TRAVEL], tmp_path / "model") is None
        assert not list(tmp_path.iterdir())
