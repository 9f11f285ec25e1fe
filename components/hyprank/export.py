"""Writes a trained HypRank as a version folder: SavedModel, twin and manifest."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import tensorflow as tf
from tensorflow.python.saved_model import loader_impl

from components.hyprank.network import HypRankNetwork
from components.records.hyprank.arithmetic import RankSpec
from components.records.hyprank.rank import HYPRANK
from components.records.hyprank.twin import SKILLS, TABLE, WEIGHTS, RankTwinSpec
from components.records.manifest import Calibration, Manifest
from components.records.saved_model import described
from components.records.serving_protos import meta_graph_pb2
from components.records.twin.signature import SIGNATURE
from components.records.twin.skill_ids import SkillIds
from components.records.version_folder import RANK_TWIN, SAVED_MODEL, WARMUP, write_manifest

Floats = npt.NDArray[np.float32]


def served_hyprank(
    network: HypRankNetwork,
    skill_ids: Sequence[str],
    table: Floats,
    calibration: Calibration,
    none: Calibration,
) -> tf.Module:
    """The network with its skill table and its maps, as one module to save; `.serve` is its signature.

    features float32 [B, k, F], mask bool [B, k], skill_ids string [B, k] → scores float32 [B, k], confidence
    float32 [B, k] and none float32 [B]. An id that the table lacks has the row of zeros; an empty list has a
    `none` of 1.

    Args:
        skill_ids: Of rows 1 to K of the table.
        table: float32 [K + 1, T]; row 0 is zeros.
    """
    if table.shape[0] != len(skill_ids) + 1 or table[0].any():
        raise ValueError(
            "`table` must have a row of zeros and then one for each skill. "
            f"Received: shape {table.shape} for {len(skill_ids)} skills"
        )
    rows = tf.lookup.StaticHashTable(
        tf.lookup.KeyValueTensorInitializer(
            tf.constant(list(skill_ids)), tf.range(1, len(skill_ids) + 1, dtype=tf.int32)
        ),
        0,
    )
    held = tf.Variable(table, trainable=False)

    def serve(features: Any, mask: Any, skill_ids: Any) -> dict[str, Any]:
        skills = tf.gather(held, rows.lookup(skill_ids))
        scores, odds, nobody = network({"features": features, "mask": mask, "skills": skills})
        gap = odds - tf.reduce_max(tf.where(mask, odds, -np.inf), axis=1, keepdims=True)
        z = calibration.slope * odds + calibration.margin * gap + calibration.intercept
        later = scores < tf.reduce_max(tf.where(mask, scores, -np.inf), axis=1, keepdims=True)
        z += calibration.behind * tf.cast(later, z.dtype)
        share = tf.sigmoid(none.slope * nobody + none.intercept)
        return {
            "scores": scores,
            "confidence": tf.where(mask, tf.sigmoid(z), 0.0),
            "none": tf.where(tf.reduce_any(mask, axis=1), share, 1.0),
        }

    module = tf.Module()
    module.weights = [weight.value for weight in network.weights]
    module.rows, module.table = rows, held
    module.serve = tf.function(
        serve,
        input_signature=[
            tf.TensorSpec([None, None, table_width(network)], tf.float32, name="features"),
            tf.TensorSpec([None, None], tf.bool, name="mask"),
            tf.TensorSpec([None, None], tf.string, name="skill_ids"),
        ],
    )
    return module


def table_width(network: HypRankNetwork) -> int:
    """F."""
    return int(network.mean.shape[0])


def export(
    network: HypRankNetwork,
    table: Floats,
    manifest: Manifest,
    none: Calibration,
    folder: Path,
) -> None:
    """Writes the version folder: manifest, warm-up request and twin first, `saved_model.pb` last.

    Args:
        network: As trained.
        table: Rows of the manifest's skills, after a row of zeros.
        manifest: Becomes `arbiter.json`; its calibration is built into the model, which answers confidences.
        none: From the log-odds of "none" to its probability.
        folder: Made if it is missing.
    """
    served = served_hyprank(network, manifest.skill_ids, table, manifest.calibration, none)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".draft-") as made:
        draft = Path(made)
        tf.saved_model.save(served, made, signatures={"serving_default": served.serve})
        write_manifest(folder, manifest)
        _write_warmup(folder / WARMUP, table_width(network), manifest.skill_ids[:2])
        (meta_graph,) = loader_impl.parse_saved_model(made).meta_graphs
        _write_twin(network, table, manifest, none, meta_graph.signature_def["serving_default"], folder)
        files = [path.relative_to(draft) for path in draft.rglob("*") if path.is_file()]
        for file in sorted(files, key=lambda path: (path.name == SAVED_MODEL, path)):
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (draft / file).replace(folder / file)


def _write_twin(
    network: HypRankNetwork,
    table: Floats,
    manifest: Manifest,
    none: Calibration,
    signature: meta_graph_pb2.SignatureDef,
    folder: Path,
) -> None:
    (folder / WEIGHTS).parent.mkdir(parents=True, exist_ok=True)
    with (folder / WEIGHTS).open("wb") as file:
        np.savez(file, allow_pickle=False, **network.arrays())
    np.save(folder / TABLE, table)
    SkillIds.of(manifest.skill_ids).write(folder / SKILLS)
    (folder / SIGNATURE).write_bytes(signature.SerializeToString(deterministic=True))
    spec = RankTwinSpec(
        signature=described(signature),
        network=msgspec.convert(
            {
                "context": network.context,
                "order": network.order,
                "key": network.key,
                "calibration": manifest.calibration,
                "none_slope": none.slope,
                "none_intercept": none.intercept,
            },
            RankSpec,
        ),
    )
    (folder / RANK_TWIN).write_bytes(msgspec.json.format(msgspec.json.encode(spec), indent=1))


def _write_warmup(path: Path, width: int, skill_ids: Sequence[str]) -> None:
    """A `PredictionLog` record, as TF Serving's warm-up reads it."""
    from tensorflow_serving.apis import prediction_log_pb2

    log = prediction_log_pb2.PredictionLog()
    request = log.predict_log.request
    request.model_spec.name = HYPRANK
    request.model_spec.signature_name = "serving_default"
    size = len(skill_ids)
    request.inputs["features"].CopyFrom(tf.make_tensor_proto(np.zeros((1, size, width), np.float32)))
    request.inputs["mask"].CopyFrom(tf.make_tensor_proto(np.ones((1, size), bool)))
    request.inputs["skill_ids"].CopyFrom(tf.make_tensor_proto([list(skill_ids)]))
    path.parent.mkdir(parents=True, exist_ok=True)
    with tf.io.TFRecordWriter(str(path)) as writer:
        writer.write(log.SerializeToString())
