"""Workspaces that several tests change one after the other: a run costs most of their time."""

import gzip
import json

import pytest

from tests.pipelines.command import WHOLE, arbiter, run
from tests.pipelines.kubeflow_tasks import executing
from tests.pipelines.served import all_reproduced
from tests.postgres import empty_database, postgres


@pytest.fixture(scope="session")
def held_out(tmp_path_factory):
    """data/, a dataset that lacks two of the world's skills; new.jsonl and new_requests.jsonl, these.

    Yields the folder, and the two ids.
    """
    root = tmp_path_factory.mktemp("held_out")
    world = ("--skills", 17, "--customers", 101, "--requests", 900, "--seed", 5, "--set", "zipf=0")
    assert arbiter("simulate", root / "all", *world).exit_code == 0
    skills = records_of(root / "all/catalogue.jsonl")
    new = {skills[2]["skill_id"], skills[-1]["skill_id"]}  # of two domains
    parts = {True: [], False: []}
    for file in sorted((root / "all/requests").iterdir()):
        for line in gzip.decompress(file.read_bytes()).splitlines():
            request = json.loads(line)
            is_new = request.get("skill_id") in new
            if not is_new:
                request["also_correct"] = [s for s in request.get("also_correct", ()) if s not in new]
            parts[is_new].append(request)
    (root / "data/requests").mkdir(parents=True)
    for path, records in (
        (root / "data/catalogue.jsonl", [skill for skill in skills if skill["skill_id"] not in new]),
        (root / "new.jsonl", [skill for skill in skills if skill["skill_id"] in new]),
        (root / "data/requests/old.jsonl", parts[False]),
        (root / "new_requests.jsonl", parts[True]),
    ):
        write_records(path, records)
    return root, sorted(new)


@pytest.fixture(scope="session")
def place(held_out):
    """The folder and the ids of `held_out`, with work/, where the Shortlister answers alone."""
    root, new = held_out
    result = run(root / "data", root / "work")
    assert result.exit_code == 0, result.output
    return root, new


@pytest.fixture(scope="session")
def whole_place(held_out, tmp_path_factory):
    """As `place`, elsewhere, with the whole system in work/; three domains, two of them those of the ids."""
    root, new = held_out
    own = tmp_path_factory.mktemp("whole")
    skills, added = records_of(root / "data/catalogue.jsonl"), records_of(root / "new.jsonl")
    domains = {skill["domain"] for skill in added} | {"Flights"}
    skills = [skill for skill in skills if skill["domain"] in domains]
    known = {skill["skill_id"] for skill in skills}
    (own / "data/requests").mkdir(parents=True)
    write_records(own / "data/catalogue.jsonl", skills)
    write_records(own / "new.jsonl", added)
    for name, served in (
        ("data/requests/old.jsonl", known),
        ("new_requests.jsonl", known | set(new)),
    ):
        requests = [r for r in records_of(root / name) if r.get("skill_id") in served]
        for request in requests:
            request["also_correct"] = [s for s in request.get("also_correct", ()) if s in served]
        write_records(own / name, requests)
    learning = ("domain.epochs=10", "domain.batch_size=8", "domain.learning_rate=0.01")  # slots are found
    result = run(own / "data", own / "work", *WHOLE, *learning)
    assert result.exit_code == 0, result.output
    return own, new


@pytest.fixture(scope="session")
def system(tmp_path_factory):
    """A workspace with the whole system in service, of three domains, each with two skills; tests update it.

    Yields the folder that holds it, `work`, and its dataset, `data`.
    """
    root = tmp_path_factory.mktemp("system")
    world = ("--skills", 6, "--customers", 60, "--requests", 700, "--seed", 5, "--set", "zipf=0")
    assert arbiter("simulate", root / "data", *world).exit_code == 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("components.push.push.reproduce", all_reproduced)
        result = run(root / "data", root / "work", *WHOLE)
    assert result.exit_code == 0, result.output
    return root


@pytest.fixture(scope="session")
def server():
    """The URL of a PostgreSQL server."""
    with postgres() as url:
        yield url


@pytest.fixture
def url(server, request):
    """That of a database of the test's own."""
    return empty_database(server, request.node.name.replace("test_", "")[:60])


@pytest.fixture
def cluster(url, tmp_path):
    """Executes compiled pipelines, with that database for the metadata."""
    return executing(url, tmp_path / "out")


def records_of(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def write_records(path, records):
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
