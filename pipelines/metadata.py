"""Where ML Metadata is kept: SQLite in the workspace, or the database that ARBITER_METADATA names."""

import os
from urllib.parse import unquote, urlsplit

from ml_metadata.proto import metadata_store_pb2

from pipelines.errors import CallError
from pipelines.workspace import METADATA_URL, Workspace

_PORTS = {"postgresql": 5432, "mysql": 3306}


def connection_config(workspace: Workspace, *, reading: bool = False) -> metadata_store_pb2.ConnectionConfig:
    """How ML Metadata connects: to postgresql://USER:PASSWORD@HOST:PORT/DATABASE or mysql://…, where the
    environment's ARBITER_METADATA holds such a URL, else to the workspace's SQLite file.

    A workspace needs a database of its own: its runs are found by the names of their nodes.

    Args:
        reading: SQLite is opened for reading alone.

    Raises:
        CallError: The URL has another form.
    """
    config = metadata_store_pb2.ConnectionConfig()
    if not (url := os.environ.get(METADATA_URL)):
        modes = metadata_store_pb2.SqliteMetadataSourceConfig
        config.sqlite.filename_uri = str(workspace.metadata)
        config.sqlite.connection_mode = modes.READONLY if reading else modes.READWRITE_OPENCREATE
        return config
    parts = urlsplit(url)
    database = parts.path.removeprefix("/")
    if parts.scheme not in _PORTS or not parts.hostname or not parts.username or not database:
        raise CallError(
            f"{METADATA_URL} must be postgresql://USER:PASSWORD@HOST:PORT/DATABASE or mysql://… "
            f"Received: a URL of scheme {parts.scheme!r} for database {database!r}"  # never its password
        )
    port = parts.port or _PORTS[parts.scheme]
    user, password = unquote(parts.username), unquote(parts.password or "")
    if parts.scheme == "mysql":
        config.mysql.host, config.mysql.port, config.mysql.database = parts.hostname, port, database
        config.mysql.user, config.mysql.password = user, password
    else:
        server = config.postgresql
        server.host, server.port, server.dbname = parts.hostname, str(port), database
        server.user, server.password = _quoted(user), _quoted(password)
    return config


def _quoted(value: str) -> str:
    """As a libpq connection string, which ML Metadata puts together without quoting, wants it."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
