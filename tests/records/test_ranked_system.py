"""What is left of a system where some candidates are refused."""

import msgspec
import pytest

from components.records.manifest import Calibration, Manifest
from components.records.ranked_system import RankedSystem, read_system, without, write_system
from components.records.version_folder import MANIFEST


def manifest(folder, domains):
    folder.mkdir(parents=True)
    given = Manifest(
        kind="shortlister",
        skill_ids=domains,
        domains=domains,
        calibration=Calibration(),
        catalogue_hash="",
    )
    (folder / MANIFEST).write_bytes(msgspec.json.encode(given))
    return folder


@pytest.fixture
def made(tmp_path):
    """The candidates; one domain has no model, and the Shortlister in service knows another set."""
    manifest(tmp_path / "serving" / "shortlister" / "3", ("music", "kitchen"))
    shortlister = manifest(tmp_path / "new", ("music", "travel", "kitchen"))
    others = {model: tmp_path / model for model in ("domain-music", "domain-travel", "hyprank")}
    return {"shortlister": shortlister, **others}


IN_SERVICE = {"shortlister": 3, "hyprank": 2, "domain-music": 5, "domain-kitchen": 1, "domain-gone": 4}


def test_a_refused_domain_leaves_what_is_in_service_of_it_and_of_the_others_that_are_needed(made, tmp_path):
    assert without(made, {"domain-music"}, tmp_path / "serving", IN_SERVICE) == RankedSystem(
        candidates=("shortlister", "domain-travel", "hyprank"),
        in_service={"domain-music": 5, "domain-kitchen": 1},
    )


def test_a_refused_domain_that_is_not_in_service_leaves_nothing(made, tmp_path):
    left = without(made, {"domain-music"}, tmp_path / "serving", {})
    assert left == RankedSystem(candidates=("shortlister", "domain-travel", "hyprank"))


def test_without_the_shared_models_the_domains_stand_beside_those_in_service(made, tmp_path):
    """The Shortlister in service knows no skill of travel."""
    assert without(made, {"shortlister", "hyprank"}, tmp_path / "serving", IN_SERVICE) == RankedSystem(
        candidates=("domain-music",), in_service={"shortlister": 3, "hyprank": 2, "domain-kitchen": 1}
    )


@pytest.mark.parametrize(
    ("refused", "versions"),
    [
        ({"shortlister", "hyprank"}, {}),
        ({"shortlister", "hyprank"}, {"domain-music": 5}),
        ({"shortlister", "hyprank", "domain-music", "domain-travel"}, IN_SERVICE),
        ({"shortlister", "hyprank", "domain-music"}, IN_SERVICE),
    ],
)
def test_nothing_is_left_to_judge(made, tmp_path, refused, versions):
    assert without(made, refused, tmp_path / "serving", versions) is None


def test_it_survives_its_file(tmp_path):
    for system in (RankedSystem(), RankedSystem(candidates=("a",), in_service={"b": 2})):
        write_system(tmp_path, system)
        assert read_system(tmp_path) == system
