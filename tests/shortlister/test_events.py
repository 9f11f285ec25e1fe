import pytest
import tensorflow as tf
from tensorflow.core.util import event_pb2

from components.shortlister.events import Events


def scalars(folder):
    """What the one event file in `folder` holds, by step and name."""
    [file] = folder.glob("events.*")
    found = {}
    for record in tf.data.TFRecordDataset(str(file)):
        event = event_pb2.Event.FromString(record.numpy())
        for value in event.summary.value:
            assert value.metadata.plugin_data.plugin_name == "scalars"
            found[event.step, value.tag] = float(tf.make_ndarray(value.tensor))
    return found


def test_figures_can_be_read_back(tmp_path):
    events = Events(tmp_path / "train")
    events.write(1, {"loss": 0.25, "dev top-1": None})
    events.write(2, {"loss": 0.125, "dev top-1": 0.5})
    events.close()
    assert scalars(tmp_path / "train") == {
        (1, "loss"): 0.25,
        (2, "loss"): 0.125,
        (2, "dev top-1"): pytest.approx(0.5),
    }


def test_nowhere(tmp_path):
    events = Events(None)
    events.write(1, {"loss": 0.25})
    events.close()
