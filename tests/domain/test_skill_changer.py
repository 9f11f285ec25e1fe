"""The node that changes the skills of the domain models in service."""

import json

import pytest
from tfx.types import channel

from components.domain.component import DomainSkillChanger
from components.domain.executor import SkillChangerExecutor
from components.records.artifact_files import CATALOGUE
from components.records.artifacts import CatalogueArtifact, DomainModels
from components.records.catalogue import write_catalogue
from components.records.domain_signature import domain_model
from components.records.model_set import candidate_folders
from components.records.skill_change import Rename, renamed
from components.records.version_folder import install, read_manifest
from tests.domain.conftest import artifact
from tests.domain.world import CATALOGUE as SKILLS

CHANGE = Rename(old="radio", new="tuner")


def test_only_the_domains_that_the_change_touches_get_a_candidate(trained, tmp_path):
    serving = tmp_path / "serving"
    versions = {"shortlister": 2, **{domain_model(domain): 3 for domain in trained.folders}}
    (serving / "shortlister/2").mkdir(parents=True)
    (serving / "shortlister/2/arbiter.json").write_text(
        json.dumps(
            {"kind": "shortlister", "skill_ids": [], "domains": [], "calibration": {}, "catalogue_hash": ""}
        )
    )
    for domain, folder in trained.folders.items():
        install(folder, serving / domain_model(domain), 3)
    write_catalogue(tmp_path / CATALOGUE, renamed(SKILLS, CHANGE))
    SkillChangerExecutor().Do(
        {"catalogue": [artifact(CatalogueArtifact, tmp_path)]},
        {"models": [artifact(DomainModels, tmp_path / "models")]},
        {
            "change": json.dumps({"type": "rename", "old": "radio", "new": "tuner"}),
            "serving_dir": str(serving),
            "in_service": json.dumps(versions),
        },
    )
    found = candidate_folders(domain_models=tmp_path / "models")
    assert list(found) == ["domain-_4d_usic"]
    manifest = read_manifest(found["domain-_4d_usic"])
    assert manifest.skill_ids == ("tuner",)
    assert manifest.lineage["base"] == "domain-_4d_usic version 3"


def test_what_is_wrong_is_said_before_anything_runs():
    catalogue = channel.Channel(type=CatalogueArtifact)
    change = json.dumps({"type": "rename", "old": "a", "new": "b"})
    for given, said in (
        (("{}", "/serving", "{}"), "`change`"),
        ((change, "/serving", '{"shortlister": 0}'), "`in_service`"),
        ((change, "serving", '{"shortlister": 1}'), "`serving_dir` must be absolute"),
    ):
        with pytest.raises(ValueError, match=said):
            DomainSkillChanger(catalogue, *given)
    assert set(DomainSkillChanger(catalogue, change, "/serving", "{}").outputs) == {"models"}
