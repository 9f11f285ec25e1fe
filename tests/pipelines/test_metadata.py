"""Where ML Metadata is, as the environment says."""

import pytest

from pipelines.errors import CallError
from pipelines.metadata import connection_config
from pipelines.workspace import METADATA_URL, Workspace


@pytest.fixture
def workspace(tmp_path):
    return Workspace.at(tmp_path)


def test_the_workspace_s_own_file_unless_a_server_is_named(workspace, monkeypatch):
    monkeypatch.delenv(METADATA_URL, raising=False)
    assert connection_config(workspace).sqlite.filename_uri == str(workspace.metadata)


def test_postgres(workspace, monkeypatch):
    monkeypatch.setenv(METADATA_URL, "postgresql://me:p%40s's%5C@db.example/arbiter")
    server = connection_config(workspace).postgresql
    assert (server.host, server.port, server.dbname) == ("db.example", "5432", "arbiter")
    assert (server.user, server.password) == ("'me'", r"'p@s\'s\\'")  # quoted for libpq


def test_mysql(workspace, monkeypatch):
    monkeypatch.setenv(METADATA_URL, "mysql://me@db:3307/arbiter")
    server = connection_config(workspace).mysql
    assert (server.host, server.port, server.database, server.user) == ("db", 3307, "arbiter", "me")


@pytest.mark.parametrize(
    "url", ["redis://me:secret@db/arbiter", "postgresql://me:secret@db", "postgresql://db/arbiter", "text"]
)
def test_another_form_is_refused_without_its_password(workspace, monkeypatch, url):
    monkeypatch.setenv(METADATA_URL, url)
    with pytest.raises(CallError, match=METADATA_URL) as refused:
        connection_config(workspace)
    assert "secret" not in str(refused.value)


def test_a_workspace_with_a_server_exists_once_something_has_run(workspace, monkeypatch):
    monkeypatch.setenv(METADATA_URL, "postgresql://me@db/arbiter")
    with pytest.raises(CallError, match="nothing has run"):
        Workspace.existing(workspace.root)
    workspace.artifacts.mkdir()
    assert Workspace.existing(workspace.root) == workspace


def test_what_is_served_needs_no_metadata(workspace, monkeypatch):
    """A router knows the workspace and not the server that has its metadata."""
    monkeypatch.delenv(METADATA_URL, raising=False)
    with pytest.raises(CallError, match="nothing has run"):
        Workspace.served(workspace.root)
    workspace.serving.mkdir()
    assert Workspace.served(workspace.root) == workspace
    with pytest.raises(CallError, match="nothing has run"):
        Workspace.existing(workspace.root)
