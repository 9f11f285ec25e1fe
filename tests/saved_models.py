"""Tiny models that the serving tests load, made in seconds and without training."""

from collections.abc import Sequence
from pathlib import Path

from components.records.manifest import Calibration, Manifest, Refusal, SkillNames
from components.records.version_folder import write_manifest

SKILLS = ("uber", "lyft", "spotify", "weather", "timer")
DOMAINS = ("Ride", "Ride", "Music", "Weather", "Clock")
NAMES = tuple(SkillNames(invocations=(skill,)) for skill in SKILLS)


def refusal(threshold: float) -> Refusal:
    """A refusal above this threshold, with figures that nothing reads."""
    return Refusal(
        weights=(-1.0, 0.0, 0.0, 0.0),
        intercept=0.0,
        threshold=threshold,
        false_acceptance=0.1,
        certainty=0.95,
        bound=0.09,
        false_rejection=0.2,
        out_of_scope=100,
        in_scope=1000,
    )


def save_scaler(folder: Path, *, factor: float = 2.0) -> Path:
    """`serving_default`: x float [N, 2], name string [N] → scaled = factor * x, upper = upper case of name,
    same = scaled again; `bare`: x → y; `fails`: x → an op that always fails."""
    import tensorflow as tf

    module = tf.Module()
    module.factor = tf.Variable(factor)

    @tf.function(
        input_signature=[
            tf.TensorSpec([None, 2], tf.float32, name="x"),
            tf.TensorSpec([None], tf.string, name="name"),
        ]
    )
    def serve(x, name):
        scaled = module.factor * x
        return {"scaled": scaled, "upper": tf.strings.upper(name), "same": scaled}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, name="x")])
    def bare(x):
        return {"y": module.factor * x}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, name="x")])
    def fails(x):
        with tf.control_dependencies([tf.debugging.assert_less(x, 0.0, message="always " + "m" * 2000)]):
            return {"y": tf.identity(x)}

    tf.saved_model.save(module, str(folder), {"serving_default": serve, "bare": bare, "fails": fails})
    return folder


def save_shortlister(
    folder: Path,
    *,
    bonus: float = 3.0,
    reject_above: float | None = None,
    skills: Sequence[str] = SKILLS,
    domains: Sequence[str] = DOMAINS,
    names: Sequence[SkillNames] = (),
    named_confidence: float | None = None,
) -> Path:
    """A version folder with the Shortlister's signature: each (utterance, skill) has a fixed random score in
    [-5, 5); an enabled skill gets `bonus` more. The reject score is the best score, its sign turned round."""
    import tensorflow as tf

    module = tf.Module()
    module.bonus = tf.Variable(bonus)
    rows = tf.constant(list(skills))

    @tf.function(
        input_signature=[
            tf.TensorSpec([None], tf.string, name="utterance"),
            tf.TensorSpec([None, None], tf.string, name="enabled"),
            tf.TensorSpec([], tf.int32, name="k"),
        ]
    )
    def serve(utterance, enabled, k):
        pairs = utterance[:, None] + "|" + rows[None, :]  # [B, K]
        score = tf.cast(tf.strings.to_hash_bucket_fast(pairs, 100_003), tf.float32) / 10_000.3 - 5.0
        flag = tf.reduce_any(enabled[:, :, None] == rows[None, None, :], axis=1)  # [B, K]
        best, at = tf.math.top_k(score + module.bonus * tf.cast(flag, tf.float32), tf.minimum(k, len(skills)))
        reject = -tf.reduce_max(score + module.bonus * tf.cast(flag, tf.float32), axis=1)
        return {"skill_ids": tf.gather(rows, at), "scores": best, "reject": reject}

    tf.saved_model.save(module, str(folder), {"serving_default": serve})
    write_manifest(
        folder,
        Manifest(
            kind="shortlister",
            skill_ids=tuple(skills),
            domains=tuple(domains),
            calibration=Calibration(slope=0.5, intercept=-0.25),
            refusal=None if reject_above is None else refusal(reject_above),
            names=tuple(names),
            named_confidence=named_confidence,
            catalogue_hash="c" * 64,
        ),
    )
    return folder


def export_shortlister(
    folder: Path,
    *,
    storage: str = "int8",
    heads: str = "two_class",
    shift: float = 0.0,
    skills: Sequence[str] = SKILLS,
    domains: Sequence[str] = DOMAINS,
    names: Sequence[SkillNames] = (),
    named_confidence: float | None = None,
) -> Path:
    """A version folder with a real network of random weights in both forms; all scores higher by `shift`."""
    import keras

    from components.records.encoding.limits import CHAR_IDS
    from components.records.encoding.settings import EncoderSettings
    from components.records.encoding.text_encoder import TextEncoder
    from components.shortlister.export import export
    from components.shortlister.network import Network

    keras.utils.set_random_seed(3)
    sizes = EncoderSettings(word_buckets=37, gram_buckets=67)
    network = Network(
        skills=len(skills),
        word_buckets=sizes.word_buckets,
        gram_buckets=sizes.gram_buckets,
        char_ids=CHAR_IDS,
        utterance_size=11,
        heads=heads,
    )
    network.heads.kernel.assign(network.heads.kernel * 5.0)
    network.heads.bias.assign(network.heads.bias + shift)
    manifest = Manifest(
        kind="shortlister",
        skill_ids=tuple(skills),
        domains=tuple(domains),
        calibration=Calibration(),
        names=tuple(names),
        named_confidence=named_confidence,
        catalogue_hash="c" * 64,
    )
    export(network, TextEncoder(sizes), manifest, folder, storage=storage)
    return folder


def save_on_examples(folder: Path) -> Path:
    """A SavedModel whose signatures read tf.Examples with a float feature x: `regress` → x / 2 + 2, `column`
    the same as [N, 1], `classify` → the classes low and high with the scores 1 - x and x, `classes` and
    `scores` → one of the two; `wide`, `whole`, `short` and `apart` answer what no call can use. All are
    declared to be for Predict but `regress` and `classify`."""
    import tensorflow as tf
    from tensorflow.core.protobuf import saved_model_pb2

    def x(inputs):
        parsed = tf.io.parse_example(inputs, {"x": tf.io.FixedLenFeature([], tf.float32, 0.5)})
        return parsed["x"]  # [N]

    def classes(x):
        return tf.tile([["low", "high"]], [tf.size(x), 1])  # [N, 2]

    def scores(x):
        return tf.stack([1 - x, x], 1)  # [N, 2]

    answers = {
        "regress": lambda x: {"outputs": x / 2 + 2},
        "column": lambda x: {"outputs": (x / 2 + 2)[:, None]},
        "wide": lambda x: {"outputs": scores(x)},
        "whole": lambda x: {"outputs": tf.cast(x, tf.int64)},
        "short": lambda x: {"outputs": x[1:]},
        "classify": lambda x: {"classes": classes(x), "scores": scores(x)},
        "classes": lambda x: {"classes": classes(x)},
        "scores": lambda x: {"scores": scores(x)},
        "apart": lambda x: {"classes": classes(x), "scores": scores(x)[:, :1]},
        "flat": lambda x: {"scores": x},
        "neither": lambda x: {"y": x},
    }
    module = tf.Module()
    spec = tf.TensorSpec([None], tf.string, name="inputs")
    signatures = {
        name: tf.function(lambda inputs, answer=answer: answer(x(inputs)), input_signature=[spec])
        for name, answer in answers.items()
    }
    tf.saved_model.save(module, str(folder), {"serving_default": signatures["regress"], **signatures})
    path = folder / "saved_model.pb"
    saved = saved_model_pb2.SavedModel.FromString(path.read_bytes())
    for name in ("regress", "classify"):
        saved.meta_graphs[0].signature_def[name].method_name = f"tensorflow/serving/{name}"
    path.write_bytes(saved.SerializeToString())
    return folder
