"""The twin of a domain model, as files; `components.records.domain_twin` reads them."""

from pathlib import Path
from typing import Any, NamedTuple, Self

import msgspec
import numpy as np
import numpy.typing as npt

from components.domain.network import DomainNetwork
from components.records.domain_schema import DomainSchema
from components.records.domain_twin.spec import DomainTwinSpec, reading
from components.records.encoding.fold import fold_table
from components.records.encoding.settings import EncoderSettings
from components.records.saved_model import described
from components.records.serving_protos import meta_graph_pb2
from components.records.twin.flatbuffer import Constant, ModelBuilder
from components.records.twin.forms import Forms
from components.records.twin.operations import Operations, affine_constants
from components.records.twin.row_table import RowTable, Weights
from components.records.twin.signature import SIGNATURE
from components.records.twin.spec import FOLDER, FOLDS, FORMS, GRAMS, SPEC
from components.records.version_folder import TWIN

Floats = npt.NDArray[np.float32]


def round_table(network: DomainNetwork, weights: Weights) -> None:
    """Sets the large table to the values that it has when stored as `weights`, "int8" or "float32"."""
    table = network.vectors.table
    stored = RowTable.of(_values(table), weights)
    table.assign(stored.take(np.arange(len(stored.rows))))


def write_twin(
    network: DomainNetwork,
    settings: EncoderSettings,
    schema: DomainSchema,
    signature: meta_graph_pb2.SignatureDef,
    folder: Path,
    *,
    weights: Weights,
) -> None:
    """Writes `model.tflite` and `encoder/` into a version folder, `model.tflite` last.

    Args:
        network: Its table holds the values of `weights` already; see `round_table`.
        settings: Of the text encoding.
        schema: What the network's classes are.
        signature: That of the SavedModel.
        weights: How the large table is stored.
    """
    (folder / FOLDER).mkdir(parents=True, exist_ok=True)
    np.save(folder / FOLDS, fold_table().astype(np.uint16))
    RowTable.of(_values(network.vectors.table), weights).write(folder / GRAMS)
    forms = network.vectors.forms
    Forms(_values(forms.table), _values(forms.kernel), _values(forms.bias)).write(folder / FORMS)
    (folder / SIGNATURE).write_bytes(signature.SerializeToString(deterministic=True))
    spec = DomainTwinSpec(signature=described(signature), text=settings, schema=schema, weights=weights)
    (folder / SPEC).write_bytes(msgspec.json.format(msgspec.json.encode(spec), indent=1))
    model = ModelBuilder()
    layers = _Layers.of(model, network)
    for length in spec.lengths:
        _add_reader(model, layers, words=length)
    draft = folder / f".{TWIN}"
    model.write(draft)
    draft.replace(folder / TWIN)


class _Layers(NamedTuple):
    """The network's layers as constants that all graphs share: weights and bias each.

    Attributes:
        size: Of a word vector.
        windows: With the reach of each.
    """

    size: int
    windows: list[tuple[int, Constant, Constant]]
    whole: tuple[Constant, Constant]
    domain: tuple[Constant, Constant]
    intents: tuple[Constant, Constant]
    word_tags: tuple[Constant, Constant]
    request_tags: tuple[Constant, Constant]

    @classmethod
    def of(cls, model: ModelBuilder, network: DomainNetwork) -> Self:
        kernel = _values(network.request_tags.kernel)
        return cls(
            size=network.vectors.size,
            windows=[(layer.reach, *affine_constants(model, layer)) for layer in network.windows],
            whole=affine_constants(model, network.whole),
            domain=affine_constants(model, network.domain),
            intents=affine_constants(model, network.intents),
            word_tags=affine_constants(model, network.word_tags),
            request_tags=(model.constant(kernel.T), model.constant(np.zeros(kernel.shape[1], np.float32))),
        )


def _add_reader(model: ModelBuilder, layers: _Layers, *, words: int) -> None:
    """The signature that reads all words of a request at once.

    Shapes: W words (padded), D word vector, I intents, T tags.

    Inputs: words [W, D], real [W, 1], share [1, 1] = 1 / √ of the number of words.
    Outputs: domain [1, 1], intents [1, I], tags [W, T].
    """
    graph = Operations(model, reading(words))
    vectors = graph.input("words", words, layers.size)
    real = graph.input("real", words, 1)
    share = graph.input("share", 1, 1)
    seen = vectors
    for reach, kernel, bias in layers.windows:
        seen = _window(model, graph, seen, real, reach, kernel, bias)
    summary = [graph.times(graph.total(vectors, axis=0), share), graph.largest(seen, axis=0)]
    whole = graph.affine(graph.concatenate(summary, axis=1), *layers.whole, rectified=True)
    each = graph.affine(graph.concatenate([vectors, seen], axis=1), *layers.word_tags)
    graph.answer(
        domain=graph.affine(whole, *layers.domain),
        intents=graph.affine(whole, *layers.intents),
        tags=graph.plus(each, graph.affine(whole, *layers.request_tags)),
    )


def _window(
    model: ModelBuilder,
    graph: Operations,
    words: int,
    real: int,
    reach: int,
    kernel: Constant,
    bias: Constant,
) -> int:
    """What a `WordWindow` answers: [W, H]."""
    length, size = graph.shape(words)
    outside = model.constant(np.zeros((reach, size), np.float32))
    padded = graph.concatenate([outside, words, outside], axis=0)
    windows = [graph.slice(padded, (at, 0), (length, size)) for at in range(2 * reach + 1)]
    return graph.times(graph.affine(graph.concatenate(windows, axis=1), kernel, bias, rectified=True), real)


def _values(weight: Any) -> Floats:
    return np.asarray(weight, np.float32)
