"""The store that a URL names."""

from pathlib import Path

from components.router.service.store.interface import Store
from components.router.service.store.sql import SqlStore
from components.router.service.store.sqlite import SqliteDatabase


def open_store(where: Path | str) -> Store:
    """A file's path, or `postgresql://…`. Raises `StoreError` where it cannot be reached."""
    if isinstance(where, Path):
        return SqlStore(SqliteDatabase(where))
    if not where.startswith(("postgresql://", "postgres://")):
        raise ValueError(f"`where` must be a path or a postgresql:// URL. Received: {where.split(':')[0]}:…")
    from components.router.service.store.postgres import PostgresDatabase  # 20 MB, for those who have one

    return SqlStore(PostgresDatabase(where))
