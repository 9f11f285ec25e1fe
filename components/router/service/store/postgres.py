"""The store on Postgres, for several routers."""

from collections.abc import Sequence

import psycopg

from components.router.service.store.sql import Row

_CONNECT_S = 5
_STATEMENT_MS = 2_000


class PostgresDatabase:
    """A database on a server.

    Args:
        url: `postgresql://user@host/name`.
    """

    errors: tuple[type[Exception], ...] = (psycopg.Error,)

    def __init__(self, url: str) -> None:
        self._url = url

    def connect(self) -> "PostgresConnection":
        return PostgresConnection(self._url)


class PostgresConnection:
    """A `Connection`; a statement that takes too long is given up."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(
            url,
            autocommit=True,
            connect_timeout=_CONNECT_S,
            options=f"-c statement_timeout={_STATEMENT_MS}",
        )

    def read(self, statement: str, values: Row) -> Sequence[Row]:
        return self._connection.execute(_translated(statement), values).fetchall()

    def write(self, statement: str, rows: Sequence[Row]) -> None:
        with self._connection.transaction(), self._connection.cursor() as cursor:
            cursor.executemany(_translated(statement), rows)

    def close(self) -> None:
        self._connection.close()


def _translated(statement: str) -> bytes:
    return statement.replace("?", "%s").encode()
