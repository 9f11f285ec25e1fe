"""Which rows of a table belong to which slice."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from components.evaluate.slices import ALL, cross_name, split_name
from components.evaluate.table import NONE, Coded, Table

Rows = NDArray[np.int64]


class Slices(NamedTuple):
    """The slices of a table.

    Attributes:
        rows: Rows by slice name, in row order: `all`, then by name.
        left_out: Slices below the minimum size, by feature; of a cross by `feature & feature`.
    """

    rows: dict[str, Rows]
    left_out: dict[str, int]


def slices_of(table: Table, *, crosses: Iterable[Sequence[str]] = (), least: int = 1) -> Slices:
    """All requests, the slices of each feature, and those of each cross.

    Args:
        table: Of N requests.
        crosses: Pairs of features to slice by together; passed over where `table` lacks one.
        least: Requests below which a slice is left out and counted.
    """
    rows: dict[str, Rows] = {}
    left_out: dict[str, int] = {}
    for features in [*([name] for name in table.features), *(sorted(pair) for pair in crosses)]:
        if not table.features.keys() >= set(features):
            continue
        columns = [table.features[name] for name in features]
        for values, held in _groups(columns):
            if len(held) >= least:
                rows[cross_name(dict(zip(features, values, strict=True)))] = held
            else:
                feature = " & ".join(features)
                left_out[feature] = left_out.get(feature, 0) + 1
    return Slices({ALL: np.arange(table.size), **dict(sorted(rows.items()))}, left_out)


def crosses_in(names: Iterable[str]) -> set[tuple[str, ...]]:
    """The crosses that slices of these names come from."""
    features = {tuple(split_name(name)) for name in names}
    return {each for each in features if len(each) > 1}


def _groups(columns: Sequence[Coded]) -> Iterator[tuple[tuple[str, ...], Rows]]:
    """The rows of each combination of values that occurs; rows that lack a value are in none."""
    codes = np.stack([column.codes for column in columns])  # [F, N]
    held = np.flatnonzero((codes != NONE).all(axis=0))
    order = held[np.lexsort(codes[:, held])]  # stable: rows of a group stay in order
    ordered = codes[:, order]
    edges = np.flatnonzero((ordered[:, 1:] != ordered[:, :-1]).any(axis=0)) + 1
    for rows in np.split(order, edges) if len(order) else ():
        found = codes[:, rows[0]]
        yield tuple(column.names[code] for column, code in zip(columns, found, strict=True)), rows
