"""A PostgreSQL server of a test's own, from Debian's package."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

_USER = "arbiter"
_PASSWORD = "a secret/with @ signs"


@contextmanager
def postgres() -> Iterator[str]:
    """Starts a server on loopback; yields the URL of an empty database.

    PostgreSQL refuses to run as root, so root starts it as the user that the package made, with its data
    where that user may enter: pytest's folders are closed to others.
    """
    with tempfile.TemporaryDirectory(prefix="arbiter-postgres-") as folder, _server(Path(folder)) as url:
        yield url


def empty_database(server: str, name: str) -> str:
    """The URL of a new database on the server of that URL."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return f"{server.rpartition('/')[0]}/{name}"


@contextmanager
def _server(folder: Path) -> Iterator[str]:
    programs = _programs()
    port = free_port()
    (folder / "password").write_text(_PASSWORD)
    folder.chmod(0o755)
    if os.getuid() == 0:
        shutil.chown(folder, "postgres")
        shutil.chown(folder / "password", "postgres")
    data = folder / "data"
    _run(programs / "initdb", "-D", data, "-U", _USER, "-A", "scram-sha-256", "--pwfile", folder / "password")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
    _run(programs / "pg_ctl", "-D", data, "-l", folder / "log", "-w", "-o", options, "start")
    try:
        connection = psycopg.connect(
            host="127.0.0.1", port=port, user=_USER, password=_PASSWORD, dbname="postgres", autocommit=True
        )
        with connection:
            connection.execute("CREATE DATABASE arbiter")
        yield f"postgresql://{_USER}:a%20secret%2Fwith%20%40%20signs@127.0.0.1:{port}/arbiter"
    finally:
        _run(programs / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")


def _programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not found:
        raise FileNotFoundError("PostgreSQL is missing: apt-get install postgresql")
    return found[-1].parent


def _run(*command: object) -> None:
    """Without a pipe: the server, which outlives pg_ctl, would hold it open."""
    words = [str(word) for word in command]
    as_user = ["runuser", "-u", "postgres", "--", *words] if os.getuid() == 0 else words
    subprocess.run(as_user, check=True, stdout=subprocess.DEVNULL, cwd="/")


def free_port() -> int:
    """A port of loopback that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
