"""The twin of a network, as files."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, cast

import msgspec
import numpy as np
import numpy.typing as npt

from components.records.encoding.fold import fold_table
from components.records.encoding.settings import EncoderSettings
from components.records.manifest import Refusal
from components.records.saved_model import described
from components.records.serving_protos import meta_graph_pb2
from components.records.twin.flatbuffer import ModelBuilder
from components.records.twin.forms import Forms
from components.records.twin.row_table import RowTable, Weights
from components.records.twin.signature import SIGNATURE
from components.records.twin.skill_ids import SkillIds
from components.records.twin.spec import (
    BIAS,
    ENABLED,
    FLAGS,
    FOLDER,
    FOLDS,
    FORMAT,
    FORMAT_WITH_LEXICON,
    FORMS,
    GRAMS,
    HEADS_SCALES,
    LEXICON,
    SKILLS,
    SPEC,
    WORDS,
    TwinSpec,
)
from components.records.version_folder import TWIN
from components.shortlister.lexicon import Lexicon
from components.shortlister.loss import log_odds_shift
from components.shortlister.network import Network
from components.shortlister.twin.graph import add_hidden, add_reader, add_scan
from components.shortlister.twin.rounding import request_size

_STEPS = 8  # words read at once: a call costs as much as two or three of them

Attention = Literal["softmax", "sigmoid"]

Floats = npt.NDArray[np.float32]


def write_twin(
    network: Network,
    settings: EncoderSettings,
    skill_ids: Sequence[str],
    signature: meta_graph_pb2.SignatureDef,
    folder: Path,
    *,
    weights: Weights,
    refusal: Refusal | None = None,
) -> None:
    """Writes `model.tflite` and `encoder/` into a version folder, `model.tflite` last.

    Args:
        network: Its tables hold the values of `weights` already; see `round_tables`.
        settings: Of its text encoder.
        skill_ids: In the heads' order.
        signature: That of the SavedModel.
        weights: How the large tables are stored: "int8" or "float32".
        refusal: When a request is refused, if the model has learnt it.
    """
    (folder / FOLDER).mkdir(parents=True, exist_ok=True)
    np.save(folder / FOLDS, fold_table().astype(np.uint16))
    RowTable.of(_values(network.word_table.embeddings), weights).write(folder / WORDS)
    RowTable.of(_values(network.bag.table), weights).write(folder / GRAMS)
    if network.attention is not None:
        RowTable.of(_values(network.attention.table)[1:], weights).write(folder / ENABLED)
    forms = network.forms
    Forms(_values(forms.table), _values(forms.kernel), _values(forms.bias)).write(folder / FORMS)
    SkillIds.of(skill_ids).write(folder / SKILLS)
    heads, bias = _heads(network, weights)
    if heads.scales is not None:
        np.save(folder / HEADS_SCALES, heads.scales)
    np.save(folder / BIAS, bias)
    if network.heads.flag is not None:
        np.save(folder / FLAGS, _values(network.heads.flag)[1:])
    if network.lexicon is not None:
        Lexicon.read(network.lexicon).table.write(folder / LEXICON)
    model = ModelBuilder()
    add_scan(model, heads, bias.ravel())
    add_reader(model, network, steps=_STEPS)
    if network.hidden is not None:
        add_hidden(model, network.hidden)
    (folder / SIGNATURE).write_bytes(signature.SerializeToString(deterministic=True))
    draft = folder / f".{TWIN}"
    model.write(draft)
    spec = TwinSpec(
        signature=described(signature),
        text=settings,
        skills=len(skill_ids),
        steps=_STEPS,
        lstm_size=network.encoder.size,
        attention=cast(Attention, network.attention.form) if network.attention else None,
        hidden=network.hidden is not None,
        normalised=network.heads.form == "cosine",
        flags=network.heads.flag is not None,
        pointer=_pointer(network),
        outputs=bias.shape[1],
        choice=network.heads_form in ("softmax", "cosine") and len(skill_ids) > 1,
        shift=log_odds_shift(len(skill_ids)) if network.heads_form == "two_class" else 0.0,
        refusal=refusal,
        weights=weights,
        format=FORMAT if network.lexicon is None else FORMAT_WITH_LEXICON,
        lexicon=msgspec.UNSET if network.lexicon is None else True,
    )
    (folder / SPEC).write_bytes(msgspec.json.format(msgspec.json.encode(spec), indent=1))
    draft.replace(folder / TWIN)


def _heads(network: Network, weights: Weights) -> tuple[RowTable, Floats]:
    """The rows [K·O, R] and offsets [K, O] whose affine map is what the heads answer before any SeLU."""
    layer = network.heads
    rows = RowTable.of(_values(layer.kernel).reshape(-1, request_size(network)), weights)
    if layer.form != "cosine":
        return rows, _values(layer.bias)
    lengths = np.linalg.norm(rows.take(np.arange(len(rows.rows))), axis=1)  # [K]
    factors = (_values(layer.scale) / np.maximum(lengths, 1e-12)).astype(np.float32)
    if rows.scales is None:
        rows = RowTable(rows.rows * factors[:, None], None)
    else:
        rows = RowTable(rows.rows, rows.scales * factors)
    return rows, np.zeros((len(lengths), 1), np.float32)


def _pointer(network: Network) -> tuple[float, float] | None:
    if not network.heads.pointer:
        return None
    start, slope = _values(network.heads.point).tolist()
    return start, slope


def _values(weight: Any) -> Floats:
    return np.asarray(weight, np.float32)
