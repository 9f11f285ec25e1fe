"""The scripts that back up and restore a workspace and its database."""

import os
import shutil
import subprocess
from pathlib import Path

import psycopg
import pytest

from pipelines.lock import shared
from pipelines.workspace import METADATA_URL
from tests.postgres import empty_database, postgres

pytestmark = pytest.mark.system
K8S = Path(__file__).resolve().parents[2] / "k8s"


@pytest.fixture(scope="module")
def server():
    with postgres() as url:
        yield url


@pytest.fixture
def work(tmp_path):
    """Files, one of them under two names, and what a lock leaves."""
    work = tmp_path / "work"
    (work / "artifacts/Ingest/1").mkdir(parents=True)
    (work / "artifacts/Ingest/2").mkdir()
    (work / "artifacts/Ingest/1/data").write_bytes(b"\0rows")
    (work / "artifacts/Ingest/2/data").hardlink_to(work / "artifacts/Ingest/1/data")
    (work / ".live").mkdir()
    (work / ".live/run").touch()
    return work


def script(name, *words, url=None):
    environment = {k: v for k, v in os.environ.items() if k != METADATA_URL}
    environment |= {METADATA_URL: url} if url else {}
    return subprocess.run([K8S / name, *words], env=environment, capture_output=True, text=True, check=False)


def rows(url):
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT name FROM artifacts ORDER BY id").fetchall()


def test_files_and_database_come_back(server, work, tmp_path):
    url, backup = empty_database(server, "here"), tmp_path / "backup"
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE artifacts (id serial PRIMARY KEY, name text)")
        connection.execute("INSERT INTO artifacts (name) VALUES ('a'), ('b')")
    done = script("backup.sh", work, backup, url=url)
    assert done.returncode == 0, done.stderr
    refused = script("restore.sh", backup, work, url=url)
    assert refused.returncode == 1
    assert "move it away first" in refused.stderr
    shutil.rmtree(work)
    there = empty_database(server, "there")
    done = script("restore.sh", backup, work, url=there)
    assert done.returncode == 0, done.stderr
    assert rows(there) == rows(url) == [("a",), ("b",)]
    first, second = (work / f"artifacts/Ingest/{number}/data" for number in (1, 2))
    assert first.read_bytes() == b"\0rows"
    assert first.samefile(second)
    assert not (work / ".live").exists()


def test_a_workspace_in_use_is_not_backed_up(work, tmp_path):
    with shared(work / ".lock"):
        busy = script("backup.sh", work, tmp_path / "backup")
    assert busy.returncode == 1
    assert "is in use" in busy.stderr
    assert not (tmp_path / "backup").exists()


def test_without_a_database_the_files_are_all(work, tmp_path):
    assert script("backup.sh", work, tmp_path / "backup").returncode == 0
    assert [path.name for path in (tmp_path / "backup").iterdir()] == ["work.tar"]
    shutil.rmtree(work)
    assert script("restore.sh", tmp_path / "backup", work).returncode == 0
    assert (work / "artifacts/Ingest/2/data").is_file()
