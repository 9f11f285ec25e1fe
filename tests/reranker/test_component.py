"""The RerankerTrainer node: interface and executor."""

import msgspec
import pytest
from tfx.types import channel

from components.records.artifacts import CatalogueArtifact, DomainModels, Hypotheses, ReliabilityArtifact
from components.records.catalogue import write_catalogue
from components.records.domain_signature import domain_model
from components.records.examples import encode, request_values
from components.records.hypothesis_examples import hypothesis_values
from components.records.manifest import Calibration, Manifest
from components.records.reliability import SERVED, read_reliability
from components.records.skill import Skill
from components.records.tfrecord import write_records
from components.records.version_folder import SAVED_MODEL, folder_hash, read_manifest, write_manifest
from components.reranker.component import RerankerTrainer
from components.reranker.executor import Executor
from components.reranker.options import RerankerOptions
from components.reranker.run import train_rerankers
from tests.reranker.test_train import DOMAIN_OF, some_lists

OPTIONS = '{"least": 5}'


def artifact(kind, folder):
    made = kind()
    made.uri = str(folder)
    made.id = 7
    folder.mkdir(parents=True, exist_ok=True)
    return made


def write_lists(folder, **splits):
    for split, lists in splits.items():
        records = (encode({**request_values(e.request), **hypothesis_values(e)}) for e in lists)
        write_records(folder / f"Split-{split}" / "hypotheses-00000-of-00001.gz", records)


def write_domain(folder, domain, **fields):
    """A version folder that is complete as far as anybody here looks."""
    skill_ids = tuple(skill for skill, of in DOMAIN_OF.items() if of == domain) or ("none",)
    target = folder / domain_model(domain)
    (target / "variables").mkdir(parents=True)
    (target / "variables" / "weights").write_bytes(b"w" * 9)
    (target / SAVED_MODEL).write_bytes(b"graph")
    manifest = Manifest(
        kind="domain",
        skill_ids=skill_ids,
        domains=(domain,) * len(skill_ids),
        calibration=Calibration(),
        catalogue_hash="c",
        lineage={"examples": "artifact 1"},
        **fields,
    )
    write_manifest(target, manifest)
    return manifest


def run(tmp_path, options=OPTIONS):
    write_catalogue(
        tmp_path / "catalogue" / "catalogue.jsonl",
        [Skill(skill_id=s, domain=d) for s, d in DOMAIN_OF.items()],
    )
    inputs = {
        "hypotheses": [artifact(Hypotheses, tmp_path / "lists")],
        "domain_models": [artifact(DomainModels, tmp_path / "domains")],
        "catalogue": [artifact(CatalogueArtifact, tmp_path / "catalogue")],
    }
    outputs = {
        "models": [artifact(DomainModels, tmp_path / "models")],
        "reliability": [artifact(ReliabilityArtifact, tmp_path / "reliability")],
    }
    Executor().Do(inputs, outputs, {"options": options})
    return read_reliability(tmp_path / "reliability")


def test_each_domain_s_copy_has_its_re_ranker_and_nothing_else_changes(tmp_path):
    lists = list(some_lists(200))
    write_lists(tmp_path / "lists", rank=lists, dev=[], test=some_lists(100, seed=1))
    before = {name: write_domain(tmp_path / "domains", name) for name in ("Music", "Travel", "Kitchen")}
    hashes = {path.name: folder_hash(path) for path in (tmp_path / "domains").iterdir()}
    found = run(tmp_path)
    assert {path.name: folder_hash(path) for path in (tmp_path / "domains").iterdir()} == hashes
    assert {path.name for path in (tmp_path / "models").iterdir()} == set(hashes)
    expected = train_rerankers(lists, DOMAIN_OF, RerankerOptions(least=5))
    for domain, manifest in before.items():
        folder = tmp_path / "models" / domain_model(domain)
        read = read_manifest(folder)
        assert (folder / SAVED_MODEL).read_bytes() == b"graph"
        assert (folder / "variables" / "weights").read_bytes() == b"w" * 9
        if domain == "Kitchen":
            assert read == manifest
            continue
        assert read.reranker.features == expected[domain].features
        assert read.reranker.weights == pytest.approx(
            expected[domain].weights, abs=1e-3
        )  # scores are float32
        assert read.lineage["examples"] == "artifact 1"
        assert read.lineage["hypotheses"] == "artifact 7"
        assert msgspec.structs.replace(read, reranker=None, lineage=manifest.lineage) == manifest
        assert list(found.weights[domain].words) == read.reranker.in_words()
    assert found.without_lists == ("Kitchen",)
    assert found.split == "test"
    names = [(curve.loss, curve.domain) for curve in found.curves]
    for loss in ("R0", "R1", "R2", "R3", SERVED):
        assert [domain for name, domain in names if name == loss] == [None, "Music", "Travel"]
    assert {curve.requests for curve in found.curves if curve.domain is None} == {100}


def test_one_domain_alone_gets_what_it_gets_among_all(tmp_path):
    for name in ("all", "one"):
        write_lists(tmp_path / name / "lists", rank=some_lists(200), dev=some_lists(40, seed=1))
        write_domain(tmp_path / name / "domains", "Travel")
    write_domain(tmp_path / "all" / "domains", "Music")
    options = '{"least": 5, "split": "dev"}'
    every, one = run(tmp_path / "all", options), run(tmp_path / "one", options)
    travel = domain_model("Travel")
    assert folder_hash(tmp_path / "one/models" / travel) == folder_hash(tmp_path / "all/models" / travel)
    assert one.weights == {"Travel": every.weights["Travel"]}
    assert (every.split, {curve.domain for curve in one.curves}) == ("dev", {None, "Travel"})


def test_a_folder_of_another_kind_is_refused_and_a_missing_split_is_named(tmp_path):
    write_lists(tmp_path / "lists", rank=some_lists(20))
    write_domain(tmp_path / "domains", "Music")
    with pytest.raises(FileNotFoundError, match="split 'test'"):
        run(tmp_path)
    write_lists(tmp_path / "lists", test=[])
    folder = tmp_path / "domains" / domain_model("Music")
    write_manifest(folder, msgspec.structs.replace(read_manifest(folder), kind="shortlister"))
    with pytest.raises(ValueError, match="`folder` must be a domain's"):
        run(tmp_path)
    assert not (tmp_path / "models" / folder.name).exists()


def test_interface():
    channels = [channel.Channel(type=kind) for kind in (Hypotheses, DomainModels, CatalogueArtifact)]
    node = RerankerTrainer(*channels, options='{"loss": "R2"}')
    assert node.outputs["models"].type is DomainModels
    assert node.outputs["reliability"].type is ReliabilityArtifact
    for options in ('{"loss": "R9"}', '{"split": "rank"}', '{"losses": 1}', "{"):
        with pytest.raises(ValueError, match="`options` must be JSON of RerankerOptions"):
            RerankerTrainer(*channels, options=options)
