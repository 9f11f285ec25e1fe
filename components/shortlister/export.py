"""Writes a trained Shortlister as a version folder: a SavedModel that takes raw strings, and its twin."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import tensorflow as tf
from tensorflow.python.saved_model import loader_impl

from components.records.encoding.text_encoder import TextEncoder
from components.records.manifest import Manifest, Refusal
from components.records.shortlister_signature import NO_REJECT
from components.records.twin.row_table import Weights
from components.records.version_folder import SAVED_MODEL, WARMUP, write_manifest
from components.shortlister.loss import NO_SKILL
from components.shortlister.network import Network
from components.shortlister.reject import reject_features, reject_score
from components.shortlister.twin.rounding import round_tables
from components.shortlister.twin.write import write_twin

MODEL_NAME = "shortlister"
_ASKED_FIRST = ("play some music", "what will the weather be like on the way to the airport tomorrow morning")


def served_shortlister(
    network: Network, encoder: TextEncoder, skill_ids: Sequence[str], refusal: Refusal | None = None
) -> tf.Module:
    """The network with its text handling and its skill ids, as one module to save; `.serve` is its signature.

    utterance string [B], enabled string [B, E] padded with '', k int32 [] → skill_ids string [B, k'] and
    scores float32 [B, k'], best first, k' = k kept in [0, K], and reject float32 [B]. Scores are log-odds;
    reject is `NO_REJECT` without a refusal. Ids in `enabled` that the model does not know are passed over.
    """
    names = tf.constant(list(skill_ids))
    numbers = tf.lookup.StaticHashTable(
        tf.lookup.KeyValueTensorInitializer(names, tf.range(len(skill_ids), dtype=tf.int32)), NO_SKILL
    )

    columns = [tf.Variable(part, trainable=False) for part in network.heads.columns()]  # [R, K]

    def serve(utterance: Any, enabled: Any, k: Any) -> dict[str, Any]:
        inputs = encoder(utterance) | {"enabled": numbers.lookup(enabled) + 1}
        reading = network.read(inputs, training=False)
        log_odds = network.log_odds(network.scores(reading, inputs["enabled"], columns))  # [B, K]
        scores, best = tf.math.top_k(log_odds, tf.clip_by_value(k, 0, len(skill_ids)))
        if refusal is None:
            reject = tf.fill([tf.shape(utterance)[0]], NO_REJECT)
        else:
            reject = reject_score(reject_features(log_odds, reading.request), refusal)  # [B]
        return {"skill_ids": tf.gather(names, best), "scores": scores, "reject": reject}

    module = tf.Module()
    module.weights = [weight.value for weight in network.weights if weight is not network.heads.kernel]
    module.columns = columns
    module.numbers = numbers
    module.serve = tf.function(
        serve,
        input_signature=[
            tf.TensorSpec([None], tf.string, name="utterance"),
            tf.TensorSpec([None, None], tf.string, name="enabled"),
            tf.TensorSpec([], tf.int32, name="k"),
        ],
    )
    return module


def export(
    network: Network,
    encoder: TextEncoder,
    manifest: Manifest,
    folder: Path,
    *,
    storage: Weights = "int8",
) -> None:
    """Writes the version folder: manifest, warm-up requests and twin first, `saved_model.pb` last.

    The network's large tables are set to the values that they are stored with.

    Args:
        network, encoder: As trained; the manifest's `skill_ids` name the network's heads in order.
        manifest: Becomes `arbiter.json`.
        folder: Made if it is missing.
        storage: Of the large tables in the twin: "int8" or "float32".
    """
    round_tables(network, storage)
    served = served_shortlister(network, encoder, manifest.skill_ids, manifest.refusal)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".draft-") as made:
        draft = Path(made)
        tf.saved_model.save(served, made, signatures={"serving_default": served.serve})
        write_manifest(folder, manifest)
        _write_warmup(folder / WARMUP, manifest.skill_ids)
        (meta_graph,) = loader_impl.parse_saved_model(made).meta_graphs
        write_twin(
            network,
            encoder.settings,
            manifest.skill_ids,
            meta_graph.signature_def["serving_default"],
            folder,
            weights=storage,
            refusal=manifest.refusal,
        )
        files = [path.relative_to(draft) for path in draft.rglob("*") if path.is_file()]
        for file in sorted(files, key=lambda path: (path.name == SAVED_MODEL, path)):
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (draft / file).replace(folder / file)


def _write_warmup(path: Path, skill_ids: Sequence[str]) -> None:
    """Requests that a server answers before it takes traffic, without and with an enabled skill:
    `PredictionLog` records, as TF Serving's warm-up reads them."""
    from tensorflow_serving.apis import prediction_log_pb2

    path.parent.mkdir(parents=True, exist_ok=True)
    with tf.io.TFRecordWriter(str(path)) as writer:
        for number, utterance in enumerate(_ASKED_FIRST):
            log = prediction_log_pb2.PredictionLog()
            request = log.predict_log.request
            request.model_spec.name = MODEL_NAME
            request.model_spec.signature_name = "serving_default"
            request.inputs["utterance"].CopyFrom(tf.make_tensor_proto([utterance]))
            request.inputs["enabled"].CopyFrom(tf.make_tensor_proto([list(skill_ids[:number]) or [""]]))
            request.inputs["k"].CopyFrom(tf.make_tensor_proto(5, tf.int32))
            writer.write(log.SerializeToString())
