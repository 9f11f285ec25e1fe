import msgspec
import pytest

from components.records.manifest import Calibration, Manifest
from components.records.version_folder import read_manifest, write_manifest
from components.reranker.options import RerankerOptions
from components.reranker.run import put, train_rerankers
from tests.reranker.test_train import DOMAIN_OF, some_lists


def test_one_domain_alone_is_what_it_is_among_all():
    lists = list(some_lists(300))
    every = train_rerankers(lists, DOMAIN_OF, RerankerOptions())
    alone = train_rerankers(lists, DOMAIN_OF, RerankerOptions(), only=frozenset({"Travel"}))
    assert sorted(every) == ["Music", "Travel"]
    assert alone == {"Travel": every["Travel"]}


def test_a_declared_prior_goes_before_that_of_the_lists():
    found = train_rerankers(some_lists(300), DOMAIN_OF, RerankerOptions(), shares={"Music": 0.25})
    assert found["Music"].own_share == 0.25
    assert found["Travel"].own_share == pytest.approx(0.6, abs=0.1)


def test_no_lists_give_no_re_rankers():
    assert train_rerankers([], DOMAIN_OF, RerankerOptions()) == {}


def test_a_re_ranker_is_put_into_its_domain_s_manifest_and_no_other(tmp_path):
    manifest = Manifest(
        kind="domain", skill_ids=("music",), domains=("Music",), calibration=Calibration(), catalogue_hash="c"
    )
    reranker = train_rerankers(some_lists(50), DOMAIN_OF, RerankerOptions())["Music"]
    write_manifest(tmp_path, manifest)
    put(tmp_path, reranker)
    assert read_manifest(tmp_path) == msgspec.structs.replace(manifest, reranker=reranker)
    write_manifest(tmp_path, msgspec.structs.replace(manifest, kind="shortlister"))
    with pytest.raises(ValueError, match="`folder`"):
        put(tmp_path, reranker)
