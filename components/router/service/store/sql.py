"""The store on a database that speaks SQL; SQLite and Postgres take the same statements."""

import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Protocol

import msgspec

from components.records.examples import micros
from components.records.request import Request
from components.records.usage import MOST_USES, is_use
from components.router.service.store.interface import Routed, StoreError, Uses, now

Row = Sequence[Any]

_TABLES = (
    "CREATE TABLE IF NOT EXISTS customers (customer_id TEXT PRIMARY KEY, enabled TEXT NOT NULL)",
    """CREATE TABLE IF NOT EXISTS uses (request_id TEXT PRIMARY KEY, customer_id TEXT NOT NULL,
       skill_id TEXT NOT NULL, at BIGINT NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS uses_of ON uses (customer_id, at)",
    """CREATE TABLE IF NOT EXISTS routed (request_id TEXT PRIMARY KEY, at BIGINT NOT NULL,
       record TEXT NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS routed_at ON routed (at)",
)
_ENABLED = "SELECT enabled FROM customers WHERE customer_id = ?"
_ENABLE = """INSERT INTO customers (customer_id, enabled) VALUES (?, ?)
             ON CONFLICT (customer_id) DO UPDATE SET enabled = excluded.enabled"""
_USES = "SELECT skill_id, at FROM uses WHERE customer_id = ? AND at < ? ORDER BY at DESC LIMIT ?"
_USE = """INSERT INTO uses (request_id, customer_id, skill_id, at) VALUES (?, ?, ?, ?)
          ON CONFLICT (request_id) DO UPDATE SET customer_id = excluded.customer_id,
          skill_id = excluded.skill_id, at = excluded.at"""
_NO_USE = "DELETE FROM uses WHERE request_id = ?"
_REMEMBER = """INSERT INTO routed (request_id, at, record) VALUES (?, ?, ?)
               ON CONFLICT (request_id) DO UPDATE SET at = excluded.at, record = excluded.record"""
_ROUTED = "SELECT record FROM routed WHERE request_id = ?"
_FORGET = "DELETE FROM routed WHERE at < ?"

_skills = msgspec.json.Decoder(tuple[str, ...])
_records = msgspec.json.Decoder(Routed)


class Connection(Protocol):
    """One connection to a database, used by one thread at a time. It commits each call as a whole."""

    def read(self, statement: str, values: Row) -> Sequence[Row]:
        """The rows that `statement` finds; `?` stands for a value."""
        ...

    def write(self, statement: str, rows: Sequence[Row]) -> None:
        """Runs `statement` once for each of the rows, all or none."""
        ...

    def close(self) -> None: ...


class Database(Protocol):
    """Where connections come from."""

    errors: tuple[type[Exception], ...]
    """What its connections raise."""

    def connect(self) -> Connection: ...


class SqlStore:
    """A `Store`; each thread has its connection, and a new one after an error.

    Args:
        database: Made ready for the store where it is not.

    Raises:
        StoreError: The database cannot be reached.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._connections: dict[int, Connection] = {}
        self._local = threading.local()
        for statement in _TABLES:
            self._write(statement, [()])

    def enabled(self, customer_id: str) -> tuple[str, ...]:
        rows = self._read(_ENABLED, (customer_id,))
        return _skills.decode(rows[0][0]) if rows else ()

    def enable(self, customer_id: str, skills: Sequence[str]) -> None:
        self._write(_ENABLE, [(customer_id, msgspec.json.encode(skills).decode())])

    def uses(self, customer_id: str, before: int) -> Uses:
        rows = self._read(_USES, (customer_id, before, MOST_USES))[::-1]
        return Uses(tuple(skill for skill, _ in rows), tuple(at for _, at in rows))

    def used(self, request: Request) -> None:
        if request.customer_id is not None and request.timestamp is not None and is_use(request):
            row = (request.request_id, request.customer_id, request.skill_id, micros(request.timestamp))
            self._write(_USE, [row])
        else:
            self._write(_NO_USE, [(request.request_id,)])

    def remember(self, routed: Sequence[Routed]) -> None:
        at = micros(now())
        rows = {each.request.request_id: msgspec.json.encode(each).decode() for each in routed}
        self._write(_REMEMBER, [(request_id, at, record) for request_id, record in rows.items()])

    def routed(self, request_id: str) -> Routed | None:
        rows = self._read(_ROUTED, (request_id,))
        return _records.decode(rows[0][0]) if rows else None

    def forget(self, before: int) -> None:
        self._write(_FORGET, [(before,)])

    def close(self) -> None:
        with self._lock:
            connections = list(self._connections.values())
            self._connections.clear()
        for connection in connections:
            connection.close()

    def _read(self, statement: str, values: Row) -> Sequence[Row]:
        try:
            return self._connection().read(statement, values)
        except self._database.errors as error:
            raise self._lost(error) from error

    def _write(self, statement: str, rows: Sequence[Row]) -> None:
        try:
            self._connection().write(statement, rows)
        except self._database.errors as error:
            raise self._lost(error) from error

    def _connection(self) -> Connection:
        connection: Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._database.connect()
            with self._lock:
                self._connections[id(connection)] = connection
        return connection

    def _lost(self, error: Exception) -> StoreError:
        """The thread connects anew next time."""
        connection: Connection | None = getattr(self._local, "connection", None)
        if connection is not None:
            self._local.connection = None
            with self._lock:
                self._connections.pop(id(connection), None)
            with suppress(*self._database.errors):
                connection.close()
        return StoreError(f"{type(error).__name__}: {error}")
