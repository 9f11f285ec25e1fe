"""Which graphs may be loaded."""

import pytest

from components.records.graph_ops import forbidden_ops
from components.records.servable import PERMISSION_DENIED, Servable, ServableError, SessionOptions
from tests.saved_models import save_on_examples, save_scaler


def saved(folder, function, **assets):
    """A SavedModel of one function from x float [N] to y."""
    import tensorflow as tf

    module = tf.Module()
    module.serve = tf.function(
        lambda x: {"y": function(tf, x)}, input_signature=[tf.TensorSpec([None], tf.float32, name="x")]
    )
    tf.saved_model.save(module, str(folder), {"serving_default": module.serve})
    return folder


def beside(tf, effect, x):
    with tf.control_dependencies([effect]):
        return tf.identity(x)


def inside_a_loop(tf, x):
    return tf.while_loop(lambda i, _: i < 2, lambda i, y: (i + 1, y + tf.strings.length(read(tf))), [0, 0])[1]


def read(tf):
    return tf.io.read_file("/etc/hostname")


FORBIDDEN = {
    "ReadFile": lambda tf, x: x + tf.cast(tf.strings.length(read(tf)), tf.float32),
    "WriteFile": lambda tf, x: beside(tf, tf.raw_ops.WriteFile(filename="/nowhere/x", contents="x"), x),
    "MatchingFiles": lambda tf, x: tf.size(tf.io.matching_files("/*")),
    "EagerPyFunc": lambda tf, x: tf.py_function(lambda v: v, [x], tf.float32),
    "PrintV2": lambda tf, x: beside(tf, tf.print("x", output_stream="file:///nowhere/x"), x),
    "Abort": lambda tf, x: beside(tf, tf.raw_ops.Abort(), x),
    "SaveV2": lambda tf, x: beside(
        tf, tf.raw_ops.SaveV2(prefix="/nowhere/x", tensor_names=["x"], shape_and_slices=[""], tensors=[x]), x
    ),
    "RestoreV2": lambda tf, x: tf.raw_ops.RestoreV2(
        prefix="/nowhere/x", tensor_names=["x"], shape_and_slices=[""], dtypes=[tf.float32]
    )[0],
}


@pytest.mark.parametrize("op", FORBIDDEN)
def test_a_graph_that_reaches_out_of_the_process_is_refused(tmp_path, op):
    with pytest.raises(ServableError) as error:
        Servable.load(saved(tmp_path, FORBIDDEN[op]))
    assert error.value.code == PERMISSION_DENIED
    assert str(error.value) == f"the model runs operations that are not allowed: {op}"


def test_functions_are_looked_into(tmp_path):
    with pytest.raises(ServableError, match="not allowed: ReadFile"):
        Servable.load(saved(tmp_path, inside_a_loop))


def test_operations_can_be_allowed(tmp_path):
    folder = saved(tmp_path, FORBIDDEN["ReadFile"])
    for more in (("ReadFile",), ("*",)):
        assert Servable.load(folder, session=SessionOptions(more_ops=more)).signatures


def test_what_computes_is_allowed(tmp_path):
    """Variables, tables from a vocabulary file, strings, tf.Examples, loops, random numbers."""
    import tensorflow as tf

    (tmp_path / "words.txt").write_text("a\nb\n")

    def loop(tf, x):
        return tf.while_loop(lambda i, _: i < 2, lambda i, y: (i + 1, y * 2), [0, x])[1] + tf.random.normal(
            []
        )

    module = tf.Module()
    module.table = tf.lookup.StaticHashTable(
        tf.lookup.TextFileInitializer(str(tmp_path / "words.txt"), tf.string, -2, tf.int64, -1), -1
    )
    module.weight = tf.Variable(2.0)
    module.serve = tf.function(
        lambda x: {"y": loop(tf, module.weight * tf.cast(module.table.lookup(x), tf.float32))},
        input_signature=[tf.TensorSpec([None], tf.string, name="x")],
    )
    tf.saved_model.save(module, str(tmp_path / "1"), {"serving_default": module.serve})
    assert Servable.load(tmp_path / "1").signatures
    assert Servable.load(save_scaler(tmp_path / "2")).signatures
    assert Servable.load(save_on_examples(tmp_path / "3")).signatures


def test_the_part_that_saves_is_not_looked_at(tmp_path):
    from tensorflow.core.protobuf import saved_model_pb2

    pb = save_scaler(tmp_path) / "saved_model.pb"
    (meta_graph,) = saved_model_pb2.SavedModel.FromString(pb.read_bytes()).meta_graphs
    everything = {node.op for each in meta_graph.graph_def.library.function for node in each.node_def}
    assert "SaveV2" in everything
    assert forbidden_ops(meta_graph) == []
