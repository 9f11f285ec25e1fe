"""`arbiter status` on models in service: the weights of each domain's re-ranker, without TensorFlow."""

import json
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from ml_metadata.metadata_store import metadata_store
from ml_metadata.proto import metadata_store_pb2

from components.records.models_config import MODELS_CONFIG, ModelConfig, write_models_config
from components.records.reranker import Reranker
from components.records.version_folder import SAVED_MODEL, read_manifest, write_manifest
from pipelines.status import Model, served_models, stable_in_words
from pipelines.workspace import Workspace
from tests.pipelines.command import arbiter, printed_json
from tests.reranker.test_component import write_domain

WEIGHTS = (0.4, 1.7, -0.2, 0.01)
RERANKER = Reranker(
    loss="R3",
    features=("bias", "device=tv", "domain", "skill"),
    weights=WEIGHTS,
    own_share=0.3,
    lists=411,
)
MANY = Reranker(
    loss="R2",
    features=tuple(f"previous_skill=s{n}" for n in range(12)),
    weights=tuple(0.1 * (n + 1) for n in range(12)),
    own_share=0.3,
    lists=99,
)


@pytest.fixture(scope="module")
def work(tmp_path_factory) -> Path:
    """Serves two versions of each domain, the first of them stable; Travel has many weights, Kitchen none."""
    folder = tmp_path_factory.mktemp("work")
    (folder / "metadata").mkdir()
    config = metadata_store_pb2.ConnectionConfig()
    config.sqlite.filename_uri = str(folder / "metadata" / "metadata.sqlite")
    metadata_store.MetadataStore(config)  # makes the tables
    configs = []
    for domain, reranker in (("Music", RERANKER), ("Travel", MANY), ("Kitchen", None)):
        write_domain(folder / "made", domain)
        (made,) = (folder / "made").iterdir()
        base = folder / "serving" / made.name
        base.mkdir(parents=True)
        made.rename(base / "1")
        manifest = read_manifest(base / "1")
        write_domain(folder / "made", domain)
        (folder / "made" / made.name).rename(base / "2")
        write_manifest(base / "1", msgspec.structs.replace(manifest, reranker=reranker))
        configs.append(
            ModelConfig(
                name=made.name, base_path=str(base), versions=(1, 2), labels={"stable": 1, "canary": 2}
            )
        )
    configs.append(ModelConfig(name="shortlister", base_path=str(folder / "gone"), versions=(1,)))
    write_models_config(folder / "serving" / MODELS_CONFIG, tuple(configs))
    return folder


def test_the_weights_are_those_of_the_stable_version(work):
    found = {model.name: model for model in served_models(Workspace.at(work))}
    music = found["domain-_4d_usic"]
    assert music.domain == "Music"
    assert music.reranker.words == tuple(RERANKER.in_words())
    assert (music.reranker.loss, music.reranker.lists, music.reranker.own_share) == ("R3", 411, 0.3)
    assert (found["domain-_4b_itchen"].domain, found["domain-_4b_itchen"].reranker) == ("Kitchen", None)
    assert (found["shortlister"].domain, found["shortlister"].reranker) == (None, None)
    (work / "serving" / "domain-_4b_itchen" / "1" / SAVED_MODEL).rename(work / "taken")
    assert {model.name: model for model in served_models(Workspace.at(work))}[
        "domain-_4b_itchen"
    ].domain is None
    (work / "taken").rename(work / "serving" / "domain-_4b_itchen" / "1" / SAVED_MODEL)


def test_people_and_programs_read_the_same(work):
    said = arbiter("status", work)
    assert said.exit_code == 0, said.output
    assert "  Music: re-ranker (R3, 411 lists): on tv: +1.7; always: +0.4; " in said.stdout
    assert "after s11: +1.2" in said.stdout
    assert "and 4 more (--json)" in said.stdout
    assert "  Kitchen: no re-ranker" in said.stdout
    models = {model["name"]: model for model in printed_json(arbiter("status", work, "--json"))["models"]}
    assert models["domain-_4d_usic"]["reranker"]["words"] == RERANKER.in_words()
    assert len(models["domain-_54_ravel"]["reranker"]["words"]) == 12


def test_no_tensorflow_is_loaded(work):
    script = (
        "import sys; from pipelines.cli import app\n"
        "try: app(sys.argv[1:])\n"
        "finally: print(*({'tensorflow', 'keras', 'apache_beam', 'tfx'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "status", str(work), "--json"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["models"]
    assert done.stderr.strip() == ""


def test_what_is_in_service_is_named_and_several_domains_are_counted():
    whole = [Model(f"domain-{n}", (n,), (n,), {"stable": n}) for n in range(1, 23)]
    whole += [
        Model("hyprank", (1, 2), (1, 2), {"stable": 2}),
        Model("shortlister", (4,), (4,), {"stable": 4}),
    ]
    assert stable_in_words(whole) == "hyprank, version 2; shortlister, version 4; 22 domain models"
    assert stable_in_words([whole[0], whole[-1]]) == "shortlister, version 4; domain-1, version 1"
    assert stable_in_words([Model("hyprank", (1,), (1,), {})]) == ""
