"""The store in a file, for one machine."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from components.router.service.store.sql import Row

_WAIT_S = 5.0


class SqliteDatabase:
    """A file, or a new one; several processes may share it.

    Args:
        path: Its folder is made where it is missing.
    """

    errors: tuple[type[Exception], ...] = (sqlite3.Error,)

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)

    def connect(self) -> "SqliteConnection":
        return SqliteConnection(self._path)


class SqliteConnection:
    """A `Connection`; readers do not wait for a writer (write-ahead log)."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(
            path, timeout=_WAIT_S, isolation_level=None, check_same_thread=False
        )
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")

    def read(self, statement: str, values: Row) -> Sequence[Row]:
        return self._connection.execute(statement, values).fetchall()

    def write(self, statement: str, rows: Sequence[Row]) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            self._connection.executemany(statement, rows)
            self._connection.execute("COMMIT")
        except sqlite3.Error:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def close(self) -> None:
        self._connection.close()
