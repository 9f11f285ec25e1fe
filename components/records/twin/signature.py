"""The signature of a twin as its SavedModel describes it, kept beside the weights."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from components.records.servable import DEFAULT_SIGNATURE

if TYPE_CHECKING:  # the protocol buffers take 15 MB, which a process that only predicts does without
    from components.records.serving_protos import meta_graph_pb2

SIGNATURE = "encoder/signature.pb"


def read_signature_defs(folder: Path) -> "Mapping[str, meta_graph_pb2.SignatureDef]":
    """The one signature of the version folder, by its name."""
    from components.records.serving_protos import meta_graph_pb2

    proto = meta_graph_pb2.SignatureDef.FromString((folder / SIGNATURE).read_bytes())
    return {DEFAULT_SIGNATURE: proto}
