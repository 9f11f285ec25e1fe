"""The large tables at the values that 8 bits can hold."""

import numpy as np

from components.records.twin.row_table import RowTable, Weights
from components.shortlister.network import Network


def request_size(network: Network) -> int:
    """R, the size of what the heads see."""
    size: int = network.heads.kernel.shape[1] // (2 if network.heads.form == "selu" else 1)
    return size


def round_tables(network: Network, weights: Weights) -> None:
    """Sets the large tables to the values that they have when stored as `weights`, "int8" or "float32".

    Whatever is measured of the network afterwards, and the SavedModel, has the twin's values then.
    """
    size = request_size(network)
    tables = [
        (network.word_table.embeddings, network.word_table.output_dim),
        (network.bag.table, network.bag.size),
        (network.heads.kernel, size),
    ]
    if network.attention is not None:
        tables.append((network.attention.table, network.attention.table.shape[1]))
    for table, width in tables:
        rows = np.asarray(table).reshape(-1, width)
        stored = RowTable.of(rows, weights)
        table.assign(stored.take(np.arange(len(rows))).reshape(table.shape))
