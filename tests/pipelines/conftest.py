"""A workspace that several tests change one after the other: a run costs most of their time."""

import gzip
import json

import pytest

from tests.pipelines.command import arbiter, run


@pytest.fixture(scope="session")
def place(tmp_path_factory):
    """A workspace whose dataset lacks the world's last two skills; these and their requests beside it.

    Yields the folder, and the two ids.
    """
    root = tmp_path_factory.mktemp("skill")
    world = ("--skills", 17, "--customers", 101, "--requests", 900, "--seed", 5, "--set", "zipf=0")
    assert arbiter("simulate", root / "all", *world).exit_code == 0
    skills = [json.loads(line) for line in (root / "all/catalogue.jsonl").read_text().splitlines()]
    new = {skill["skill_id"] for skill in skills[-2:]}
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
        (root / "data/catalogue.jsonl", skills[:-2]),
        (root / "new.jsonl", skills[-2:]),
        (root / "data/requests/old.jsonl", parts[False]),
        (root / "new_requests.jsonl", parts[True]),
    ):
        path.write_text("".join(json.dumps(record) + "\n" for record in records))
    result = run(root / "data", root / "work")
    assert result.exit_code == 0, result.output
    return root, sorted(new)
