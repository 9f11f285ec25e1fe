"""A regression planted in one domain: it is held back, the others are pushed; then it is pushed by force."""

import gzip
import json
import random
import zlib
from pathlib import Path

import pytest
from ml_metadata.metadata_store import metadata_store

from components.push.push_log import forced_pushes
from components.push.serving_folder import stable_versions
from components.records.domain_signature import domain_model
from components.records.verdict import read_verdict
from pipelines.history import History
from pipelines.metadata import connection_config
from pipelines.nodes import EVALUATOR, FIRST_EVALUATOR
from pipelines.workspace import Workspace
from tests.pipelines.command import WHOLE, arbiter, printed_json, run, states
from tests.pipelines.conftest import records_of, write_records
from tests.pipelines.served import all_reproduced

MUSIC = domain_model("Music")
SETTINGS = (
    *WHOLE,
    "shortlister.epochs=3",
    "domain.epochs=8",
    "domain.batch_size=16",
    "domain.learning_rate=0.01",
    "domain.dropout=0",
    "domain.gram_size=32",
    "domain.hidden_size=32",
    "hyprank.epochs=4",
    "evaluate.resamples=100",
    "evaluate.thresholds.min_slice_requests=20",
    "evaluate.thresholds.max_ece_rise=1",
)


def _split(request):
    """The customer's, so that no customer is in two: half of them train, a quarter are tested."""
    share = zlib.crc32(request["customer_id"].encode()) % 20
    return "train" if share < 10 else "rank" if share < 13 else "dev" if share < 15 else "test"


def _shuffled(requests, skills):
    """The frames of Music's train requests given to others of them; what a skill allows stays allowed."""
    music = [r for r in requests if r["split"] == "train" and skills.get(r.get("skill_id")) == "Music"]
    rng = random.Random(3)
    intents = [request.get("intent") for request in music]
    rng.shuffle(intents)
    names = sorted({slot["name"] for request in music for slot in request.get("slots", ())})
    wrong = {
        request["request_id"]: {
            **request,
            "intent": intent,
            "slots": [{**slot, "name": rng.choice(names)} for slot in request.get("slots", ())],
        }
        for request, intent in zip(music, intents, strict=True)
    }
    assert len(wrong) > 50
    return [wrong.get(request["request_id"], request) for request in requests]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """good/ and bad/, two datasets, and work/, with what the good one trained in service."""
    root = tmp_path_factory.mktemp("gates")
    world = ("--skills", 6, "--customers", 100, "--requests", 900, "--seed", 5, "--set", "zipf=0")
    assert arbiter("simulate", root / "world", *world).exit_code == 0
    catalogue = records_of(root / "world/catalogue.jsonl")
    skills = {skill["skill_id"]: skill["domain"] for skill in catalogue}
    requests = [
        json.loads(line)
        for file in sorted((root / "world/requests").iterdir())
        for line in gzip.decompress(file.read_bytes()).splitlines()
    ]
    requests = [{**request, "split": _split(request)} for request in requests]
    for name, records in (("good", requests), ("bad", _shuffled(requests, skills))):
        (root / name / "requests").mkdir(parents=True)
        write_records(root / name / "catalogue.jsonl", catalogue)
        write_records(root / name / "requests/all.jsonl", records)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("components.push.push.reproduce", all_reproduced)
        assert run(root / "good", root / "work", *SETTINGS).exit_code == 0
        yield root, run(root / "bad", root / "work", *SETTINGS)


def _verdict(root, node):
    return read_verdict(Path(History(Workspace.at(root / "work")).newest_output(node, "verdict")))


def test_the_domain_is_held_back_and_the_others_are_pushed(place):
    root, result = place
    assert result.exit_code == 0, result.output
    first, last = _verdict(root, FIRST_EVALUATOR), _verdict(root, EVALUATOR)
    assert {model.model for model in first.held_back} == {MUSIC}
    assert {model.model for model in last.held_back} == {MUSIC}
    now = stable_versions(root / "work/serving")
    assert now == {model.model: 1 if model.model == MUSIC else 2 for model in last.models}
    assert {check.slice for check in last.failures} == {"all", "domain:Music"}
    said = "an error in skill, intent or slots (IRER) on domain:Music rose by"
    assert result.stdout.count("Blessed but for Music: ") == 1
    assert said in result.stdout
    assert said in (root / "work/reports/review.html").read_text(encoding="utf-8")
    log = [json.loads(line) for line in (root / "work/serving/push_log.jsonl").read_text().splitlines()]
    [held] = [line for line in log if line["outcome"] == "not_blessed"]
    assert held["model"] == MUSIC
    assert said in held["reason"]


def test_the_same_run_again_judges_and_pushes_nothing(place):
    root, _ = place
    again = run(root / "bad", root / "work", *SETTINGS)
    assert set(states(again).values()) == {"cached"}
    assert stable_versions(root / "work/serving")[MUSIC] == 1


def test_what_was_held_back_is_pushed_by_force_and_everybody_is_told(place):
    root, _ = place
    work = root / "work"
    refused = arbiter("push", work, "--domain", "Music")
    assert refused.exit_code == 1
    assert "was held back. Refused: " in refused.stderr
    assert "Held back: domain-_4d_usic." in arbiter("push", work).stderr
    forced = arbiter("push", work, "--domain", "Music", "--force", "--reason", "ticket 12", "--json")
    [pushed] = printed_json(forced)["models"]
    assert (pushed["model"], pushed["outcome"], pushed["version"], pushed["forced"]) == (
        *(MUSIC, "pushed", 2, "ticket 12"),
    )
    assert forced_pushes(work / "serving") == {(MUSIC, 2): "ticket 12"}
    assert "pushed by force: ticket 12" in arbiter("status", work).stdout
    store = metadata_store.MetadataStore(connection_config(Workspace.at(work), reading=True))
    kept = [
        made.custom_properties["forced"].string_value for made in store.get_artifacts_by_type("PushedModel")
    ]
    assert sorted(kept) == ["", "", "ticket 12"]
