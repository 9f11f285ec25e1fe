"""HypRank with other skills: nothing is learnt, and lists of the skills that stay are answered as before."""

import filecmp

import msgspec
import numpy as np
import pytest
from tfx.types import channel, standard_artifacts

from components.hyprank.change_skills import change_skills
from components.hyprank.component import HypRankSkillChanger
from components.hyprank.executor import SkillChangerExecutor
from components.hyprank.gather import skill_table
from components.hyprank.options import HypRankOptions
from components.hyprank.run import train_hyprank
from components.records.artifacts import CatalogueArtifact
from components.records.catalogue import Catalogue, write_catalogue
from components.records.hyprank.features import FEATURES, SKILL_FEATURES, skill_row
from components.records.hyprank.twin import TABLE, WEIGHTS
from components.records.parse import to_json
from components.records.servable import DEFAULT_SIGNATURE, Servable
from components.records.skill import Skill
from components.records.skill_change import Add, Remove, Rename, merged, renamed, without
from components.records.version_folder import install, read_manifest
from tests.hyprank.test_run import CATALOGUE, COUNTS, TINY, some_lists
from tests.reranker.test_component import artifact

NEW = Catalogue(
    [
        Skill(skill_id="música", domain="d1", description="plays songs", rating=4.0),
        Skill(skill_id="bare", domain="d9"),
    ]
)
ADD = Add(folder="", fingerprint="f")
AFTER = merged(CATALOGUE, NEW)


@pytest.fixture(scope="module", params=["concat", "none"])
def trained(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("hyprank") / "1"
    options = msgspec.structs.replace(TINY, context=request.param, epochs=2)
    train_hyprank(
        list(some_lists(200, 1)), list(some_lists(80, 2)), CATALOGUE, COUNTS, options, version_folder=folder
    )
    return folder


@pytest.fixture
def added(trained, tmp_path):
    return change_skills(ADD, AFTER, trained, tmp_path / "2"), tmp_path / "2"


def asked(folder, skills, *, saved_model):
    rng = np.random.default_rng(0)
    ids = rng.choice(np.array([skill.encode() for skill in skills], object), size=(40, 4))
    mask = np.arange(4) < rng.integers(0, 5, size=40)[:, None]
    inputs = {
        "features": rng.normal(size=(40, 4, len(FEATURES))).astype(np.float32),
        "mask": mask,
        "skill_ids": np.where(mask, ids, b""),
    }
    return Servable.load(folder, saved_model=saved_model).predict(DEFAULT_SIGNATURE, inputs)


def assert_same(found, expected):
    for name, values in expected.items():
        np.testing.assert_array_equal(found[name], values, err_msg=name)


def test_lists_of_old_and_unknown_skills_are_answered_the_same_to_the_bit(trained, added):
    for saved_model in (False, True):
        skills = [*CATALOGUE.skill_ids, "nobody"]
        old, new = (asked(folder, skills, saved_model=saved_model) for folder in (trained, added[1]))
        assert_same(new, old)


def test_both_forms_of_the_changed_model_are_alike(added):
    twin, graph = (asked(added[1], AFTER.skill_ids, saved_model=form) for form in (False, True))
    for name, values in graph.items():
        np.testing.assert_allclose(twin[name], values, atol=1e-5)


def test_a_new_skill_has_the_row_that_its_words_make(trained, added):
    manifest, folder = added
    assert manifest.skill_ids == AFTER.skill_ids
    table = np.load(folder / TABLE)
    assert table.shape == (10, len(SKILL_FEATURES))
    np.testing.assert_array_equal(table[:8], skill_table(CATALOGUE, COUNTS))
    np.testing.assert_array_equal(table[8:], [skill_row(skill, 0.0) for skill in NEW])
    assert filecmp.cmp(trained / WEIGHTS, folder / WEIGHTS, shallow=False)
    before = asked(trained, NEW.skill_ids, saved_model=False)
    assert np.abs(asked(folder, NEW.skill_ids, saved_model=False)["scores"] - before["scores"]).max() > 1e-4


def test_the_manifest_of_the_changed_model(trained, added):
    manifest, folder = added
    old = read_manifest(trained)
    assert read_manifest(folder) == manifest
    assert manifest.lineage["change_1"] == "added música, bare (sha256 f); 7 skills before, 9 after"
    assert msgspec.convert(manifest.options, HypRankOptions) == msgspec.convert(old.options, HypRankOptions)
    kept = {"skill_ids", "domains", "lineage", "catalogue_hash"}
    for field in msgspec.structs.fields(manifest):
        if field.name not in kept:
            assert getattr(manifest, field.name) == getattr(old, field.name), field.name


def test_skills_go_and_are_renamed(trained, added, tmp_path):
    gone = Remove(skill_ids=("música", "s3"))
    left = without(AFTER, gone)
    change_skills(gone, left, added[1], tmp_path / "3")
    rename = Rename(old="s1", new="s3")
    manifest = change_skills(rename, renamed(left, rename), tmp_path / "3", tmp_path / "4")
    assert manifest.skill_ids == ("s0", "s3", "s2", "s4", "s5", "s6", "bare")
    assert set(manifest.lineage) >= {"change_1", "change_2", "change_3"}
    np.testing.assert_array_equal(
        np.load(tmp_path / "4" / TABLE), np.load(added[1] / TABLE)[[0, 1, 2, 3, 5, 6, 7, 9]]
    )
    for saved_model in (False, True):
        expected = asked(trained, ["s1", "s2", "nobody", "s6"], saved_model=saved_model)
        assert_same(asked(tmp_path / "4", ["s3", "s2", "s1", "s6"], saved_model=saved_model), expected)


def test_another_folder_is_refused(tmp_path):
    (tmp_path / "nothing").mkdir()
    with pytest.raises(FileNotFoundError):
        change_skills(ADD, AFTER, tmp_path / "nothing", tmp_path / "2")


def test_the_node_changes_the_version_in_service(trained, tmp_path):
    serving = tmp_path / "serving"
    (serving / "shortlister/1").mkdir(parents=True)
    install(trained, serving / "hyprank", 4)
    write_catalogue(tmp_path / "catalogue.jsonl", AFTER)
    SkillChangerExecutor().Do(
        {"catalogue": [artifact(CatalogueArtifact, tmp_path)]},
        {"model": [artifact(standard_artifacts.Model, tmp_path / "model")]},
        {
            "change": to_json(ADD).decode(),
            "serving_dir": str(serving),
            "in_service": '{"shortlister": 1, "hyprank": 4}',
        },
    )
    manifest = read_manifest(tmp_path / "model/Format-Serving")
    assert manifest.skill_ids == AFTER.skill_ids
    assert manifest.lineage["base"] == "hyprank version 4"


def test_what_is_wrong_is_said_before_anything_runs():
    catalogue, change = channel.Channel(type=CatalogueArtifact), to_json(ADD).decode()
    for given, said in (
        (("{}", "/serving", "{}"), "`change`"),
        ((change, "/serving", '{"hyprank": -1}'), "`in_service`"),
        ((change, "serving", '{"hyprank": 1}'), "`serving_dir` must be absolute"),
    ):
        with pytest.raises(ValueError, match=said):
            HypRankSkillChanger(catalogue, *given)
    assert set(HypRankSkillChanger(catalogue, change, "/serving", "{}").outputs) == {"model"}
