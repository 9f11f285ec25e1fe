"""Sets of models: candidates over the versions in service."""

import pytest

from components.records.model_set import candidate_folders, read_versions, system_folders


def made(folder):
    (folder / "saved_model.pb").parent.mkdir(parents=True)
    (folder / "saved_model.pb").touch()
    return folder


def test_candidates_by_the_name_that_they_are_served_by(tmp_path):
    made(tmp_path / "domains" / "domain-music")
    (tmp_path / "domains" / "domain-half").mkdir()  # a domain without a model
    found = candidate_folders(
        model=tmp_path / "model", domain_models=tmp_path / "domains", hyprank=tmp_path / "rank"
    )
    assert found == {
        "shortlister": tmp_path / "model" / "Format-Serving",
        "domain-music": tmp_path / "domains" / "domain-music",
        "hyprank": tmp_path / "rank" / "Format-Serving",
    }
    assert candidate_folders() == {}


def test_candidates_lie_over_what_is_in_service(tmp_path):
    for model in ("shortlister/3", "domain-music/1", "domain-music/2"):
        made(tmp_path / model)
    versions = {"shortlister": 3, "domain-music": 2}
    assert system_folders({}, tmp_path, versions) == {
        "shortlister": tmp_path / "shortlister" / "3",
        "domain-music": tmp_path / "domain-music" / "2",
    }
    candidate = tmp_path / "new"
    with_candidates = {"domain-music": candidate, "hyprank": candidate}
    assert system_folders(with_candidates, tmp_path, versions) == {
        "shortlister": tmp_path / "shortlister" / "3",
        "domain-music": candidate,
        "hyprank": candidate,
    }


def test_what_is_missing_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"a system needs a shortlister.*Received: hyprank"):
        system_folders({"hyprank": tmp_path}, tmp_path, {})
    with pytest.raises(ValueError, match=r"`in_service` must name versions of .*shortlister/4"):
        system_folders({}, tmp_path, {"shortlister": 4})
    assert system_folders({"shortlister": tmp_path}, tmp_path, {"shortlister": 4}) == {
        "shortlister": tmp_path
    }


@pytest.mark.parametrize("text", ["", "[]", '{"shortlister": "3"}', '{"shortlister": 0}', "{"])
def test_versions_are_positive_numbers_by_name(text):
    assert read_versions('{"shortlister": 3}') == {"shortlister": 3}
    with pytest.raises(ValueError, match="`in_service` must"):
        read_versions(text)
