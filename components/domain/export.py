"""Writes a trained domain model as a version folder: a SavedModel that takes raw strings, and its twin."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import tensorflow as tf
from tensorflow.python.saved_model import loader_impl

from components.domain.n_best_graph import n_best
from components.domain.network import DomainNetwork
from components.domain.write_twin import write_twin
from components.records.domain_schema import DomainSchema
from components.records.domain_signature import NO_SCORE, domain_model
from components.records.encoding.limits import MAX_BYTES
from components.records.encoding.settings import EncoderSettings
from components.records.encoding.text_encoder import TextEncoder
from components.records.manifest import Manifest
from components.records.twin.row_table import Weights
from components.records.version_folder import SAVED_MODEL, WARMUP, write_manifest

_TEXT = ("spelling", "chars", "grams", "gram_rows")


def served_domain(network: DomainNetwork, settings: EncoderSettings, schema: DomainSchema) -> tf.Module:
    """The network with its text handling and readings, as one module to save; `.serve` is its signature.

    `components.records.domain_signature` says what goes in and out.
    """
    encoder = TextEncoder(settings)
    skills = len(schema.skill_ids)
    numbers = tf.lookup.StaticHashTable(
        tf.lookup.KeyValueTensorInitializer(
            tf.constant(list(schema.skill_ids)), tf.range(skills, dtype=tf.int32)
        ),
        skills,
    )
    intents = tf.constant(list(schema.intents))
    slots = tf.constant(["", *schema.slots])

    def serve(utterance: Any, skill_ids: Any) -> dict[str, Any]:
        encoded = encoder(utterance)
        scores = network({name: encoded[name] for name in _TEXT}, training=False)
        rows = numbers.lookup(skill_ids)  # [B, k]
        found = n_best(schema, scores.intents, scores.tags, encoded["words"] > 0, rows)
        exists = tf.range(tf.shape(found.intents)[2]) < found.number[..., None]  # [B, k, N]
        foreign = (rows == skills) & (skill_ids != "")  # [B, k]
        alone = foreign[..., None] & (tf.range(tf.shape(found.intents)[2]) == 0)

        def scored(values: Any) -> Any:
            return tf.where(exists, values, tf.where(alone, NO_SCORE, 0.0))

        return {
            "domain_scores": scores.domain,
            "readings": tf.where(foreign, 1, found.number),
            "intents": tf.where(exists, tf.gather(intents, found.intents), ""),
            "intent_scores": scored(found.intent_scores),
            "slot_scores": scored(found.slot_scores),
            **_slots(utterance, encoder.spans(utterance), exists, found.kinds, found.units, slots),
        }

    module = tf.Module()
    module.weights = [weight.value for weight in network.weights]
    module.numbers = numbers
    module.serve = tf.function(
        serve,
        input_signature=[
            tf.TensorSpec([None], tf.string, name="utterance"),
            tf.TensorSpec([None, None], tf.string, name="skill_ids"),
        ],
    )
    return module


def _slots(
    utterance: Any, spans: tuple[Any, Any], exists: Any, kinds: Any, units: Any, names: Any
) -> dict[str, Any]:
    """The slots of each reading from its words' kinds: [B, k, N, S] each."""
    width = tf.shape(spans[0])[1]
    kinds, units = kinds[..., :width], units[..., :width]  # [B, k, N, W]
    starts, ends = (tf.broadcast_to(values[:, None, None], tf.shape(kinds)) for values in spans)
    begins = tf.concat([tf.ones_like(units[..., :1], tf.bool), units[..., 1:] != units[..., :-1]], -1)
    chosen = begins & (kinds > 0) & exists[..., None]
    same = units[..., None] == units[..., None, :]  # [B, k, N, W, W]
    until = tf.reduce_max(tf.where(same, ends[..., None, :], 0), -1)  # where the word's unit ends
    shape = tf.shape(kinds)
    flat = tf.reshape(chosen, [-1, width])  # [B·k·N, W]

    def packed(values: Any, padding: Any) -> Any:
        rows = tf.ragged.boolean_mask(tf.reshape(values, [-1, width]), flat).to_tensor(padding)
        return tf.reshape(rows, tf.concat([shape[:3], tf.shape(rows)[1:]], 0))

    head = tf.strings.substr(utterance, 0, MAX_BYTES)
    text = tf.strings.unicode_transcode(head, "UTF-8", "UTF-8", errors="ignore")
    value = tf.strings.substr(
        tf.gather(text, tf.where(chosen)[:, 0]),
        tf.boolean_mask(starts, chosen),
        tf.boolean_mask(until - starts, chosen),
        unit="UTF8_CHAR",
    )
    values = tf.RaggedTensor.from_row_lengths(value, tf.reduce_sum(tf.cast(flat, tf.int64), -1)).to_tensor("")
    return {
        "slot_names": packed(tf.gather(names, kinds), ""),
        "slot_starts": packed(starts, 0),
        "slot_ends": packed(until, 0),
        "slot_values": tf.reshape(values, tf.concat([shape[:3], tf.shape(values)[1:]], 0)),
    }


def export(
    network: DomainNetwork,
    settings: EncoderSettings,
    schema: DomainSchema,
    manifest: Manifest,
    folder: Path,
    *,
    warmup: Sequence[str],
    storage: Weights,
) -> None:
    """Writes the version folder: manifest, warm-up requests and twin first, `saved_model.pb` last.

    Args:
        network: Its large table holds the values that it is stored with; see `round_table`.
        settings: Of the text encoding.
        schema: What the network's classes are.
        manifest: Becomes `arbiter.json`.
        folder: Made if it is missing.
        warmup: Utterances that a server reads for all skills before it takes traffic.
        storage: Of the large table in the twin: "int8" or "float32".
    """
    served = served_domain(network, settings, schema)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".draft-") as made:
        draft = Path(made)
        tf.saved_model.save(served, made, signatures={"serving_default": served.serve})
        write_manifest(folder, manifest)
        _write_warmup(folder / WARMUP, schema, warmup)
        (meta_graph,) = loader_impl.parse_saved_model(made).meta_graphs
        signature = meta_graph.signature_def["serving_default"]
        write_twin(network, settings, schema, signature, folder, weights=storage)
        files = [path.relative_to(draft) for path in draft.rglob("*") if path.is_file()]
        for file in sorted(files, key=lambda path: (path.name == SAVED_MODEL, path)):
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (draft / file).replace(folder / file)


def _write_warmup(path: Path, schema: DomainSchema, utterances: Sequence[str]) -> None:
    """`PredictionLog` records, as TF Serving's warm-up reads them."""
    from tensorflow_serving.apis import prediction_log_pb2

    path.parent.mkdir(parents=True, exist_ok=True)
    with tf.io.TFRecordWriter(str(path)) as writer:
        for utterance in utterances:
            log = prediction_log_pb2.PredictionLog()
            request = log.predict_log.request
            request.model_spec.name = domain_model(schema.domain)
            request.model_spec.signature_name = "serving_default"
            request.inputs["utterance"].CopyFrom(tf.make_tensor_proto([utterance]))
            request.inputs["skill_ids"].CopyFrom(tf.make_tensor_proto([list(schema.skill_ids[:5])]))
            writer.write(log.SerializeToString())
