"""The judgements of many requests, column by column: what every figure is computed from."""

import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from components.evaluate.judgement import Judgement
from components.records.atomic import atomic_write
from components.records.semantic_rates import FrameErrors

JUDGEMENTS_FILE = "judgements.parquet"
NONE = -1
"""The code of a request that has no value."""
_SLICE = "slice."
_COLUMNS = ("kind", "rank", "skill_rank", "confidence", "accepted", "popular", "without_frame")
_TYPES = {"kind": np.int8, "rank": np.int32, "skill_rank": np.int32, "confidence": np.float64}
_CODED = ("truth", "predicted")


class Coded(NamedTuple):
    """A text of each of N requests, as a number.

    Attributes:
        names: The distinct texts, sorted.
        codes: The place of each request's text in `names`, int32 [N]; `NONE` where it has none.
    """

    names: tuple[str, ...]
    codes: NDArray[np.int32]

    def take(self, rows: NDArray[np.int64]) -> "Coded":
        return Coded(self.names, self.codes[rows])


class Table(NamedTuple):
    """N judgements. The columns are the fields of `Judgement`, each an array [N].

    Attributes:
        request_ids: Object [N].
        frame: The fields of `FrameErrors`, int32 [N, 6]; a row of zeros where there is no frame.
        features: Value by slice feature (see `slices.FEATURES`).
    """

    request_ids: NDArray[np.object_]
    kind: NDArray[np.int8]
    rank: NDArray[np.int32]
    skill_rank: NDArray[np.int32]
    truth: Coded
    predicted: Coded
    confidence: NDArray[np.float64]
    accepted: NDArray[np.bool_]
    popular: NDArray[np.bool_]
    without_frame: NDArray[np.bool_]
    frame: NDArray[np.int32]
    features: Mapping[str, Coded]

    @property
    def size(self) -> int:
        return len(self.kind)

    def take(self, rows: NDArray[np.int64]) -> "Table":
        """The given rows, in the given order."""
        return self._replace(
            **{name: getattr(self, name)[rows] for name in (*_COLUMNS, "request_ids", "frame")},
            **{name: getattr(self, name).take(rows) for name in _CODED},
            features={name: column.take(rows) for name, column in self.features.items()},
        )


def table_of(
    judgements: Sequence[Judgement],
    request_ids: Sequence[str] | None = None,
    features: Sequence[Mapping[str, str]] | None = None,
) -> Table:
    """Rows to columns.

    Args:
        judgements: Of N requests.
        request_ids: Theirs; None: their numbers.
        features: Their slice features; None: they have none.
    """
    ids = [str(i) for i in range(len(judgements))] if request_ids is None else request_ids
    held = [{}] * len(judgements) if features is None else features
    names = sorted({name for values in held for name in values})
    frames = [j.frame or (0,) * len(FrameErrors._fields) for j in judgements]
    return Table(
        request_ids=np.array(ids, dtype=np.object_),
        truth=coded([j.truth for j in judgements]),
        predicted=coded([j.predicted for j in judgements]),
        frame=np.array(frames, dtype=np.int32).reshape(-1, len(FrameErrors._fields)),
        features={name: coded([values.get(name, "") for values in held]) for name in names},
        **{
            name: np.array([getattr(j, name) for j in judgements], dtype=_TYPES.get(name, np.bool_))
            for name in _COLUMNS
        },
    )


def coded(texts: Iterable[str]) -> Coded:
    """Numbers for `texts`; an empty one is none.

    >>> coded(["b", "", "a", "b"])
    Coded(names=('a', 'b'), codes=array([ 1, -1,  0,  1], dtype=int32))
    """
    listed = list(texts)
    names = tuple(sorted(set(listed) - {""}))
    index = {"": NONE} | {name: i for i, name in enumerate(names)}
    return Coded(names, np.array([index[text] for text in listed], dtype=np.int32))


def rows_in(table: Table, request_ids: NDArray[np.object_]) -> NDArray[np.int64]:
    """The row of each request in `table`, [len(request_ids)]; `NONE` where it lacks it."""
    places = {request_id: row for row, request_id in enumerate(table.request_ids)}
    return np.array([places.get(request_id, NONE) for request_id in request_ids], dtype=np.int64)


def write_table(folder: Path, table: Table) -> None:
    """Writes `judgements.parquet` into `folder`: a row a request, which pandas reads as it is."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns: dict[str, Any] = {"request_id": pa.array(table.request_ids, pa.string())}
    columns |= {name: pa.array(getattr(table, name)) for name in _COLUMNS}
    columns |= {name: _dictionary(getattr(table, name)) for name in _CODED}
    columns |= {f"frame.{name}": pa.array(table.frame[:, i]) for i, name in enumerate(FrameErrors._fields)}
    columns |= {_SLICE + name: _dictionary(column) for name, column in table.features.items()}
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer, compression="zstd")
    atomic_write(folder / JUDGEMENTS_FILE, buffer.getvalue())


def read_table(folder: Path) -> Table:
    """The judgements in `folder`. Raises `FileNotFoundError`."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    read = pq.read_table(pa.BufferReader((folder / JUDGEMENTS_FILE).read_bytes()))

    def column(name: str) -> Any:
        return read.column(name).combine_chunks()

    frame = [column(f"frame.{name}").to_numpy(zero_copy_only=False) for name in FrameErrors._fields]
    return Table(
        request_ids=column("request_id").to_numpy(zero_copy_only=False),
        frame=np.stack(frame, axis=1).astype(np.int32),
        features={
            name.removeprefix(_SLICE): _coded(column(name))
            for name in read.column_names
            if name.startswith(_SLICE)
        },
        truth=_coded(column("truth")),
        predicted=_coded(column("predicted")),
        **{
            name: column(name).to_numpy(zero_copy_only=False).astype(_TYPES.get(name, np.bool_))
            for name in _COLUMNS
        },
    )


def _dictionary(column: Coded) -> Any:
    import pyarrow as pa

    codes = pa.array(column.codes, mask=column.codes == NONE)
    return pa.DictionaryArray.from_arrays(codes, pa.array(column.names, pa.string()))


def _coded(array: Any) -> Coded:
    codes = array.indices.fill_null(NONE).to_numpy(zero_copy_only=False).astype(np.int32)
    return Coded(tuple(array.dictionary.to_pylist()), codes)
