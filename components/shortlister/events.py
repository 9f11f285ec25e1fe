"""Figures of a training as TensorBoard reads them."""

from collections.abc import Mapping
from pathlib import Path

import tensorflow as tf

_SCALAR = tf.compat.v1.SummaryMetadata(  # what tf.summary.scalar writes; it needs TensorBoard itself
    plugin_data=tf.compat.v1.SummaryMetadata.PluginData(plugin_name="scalars"), data_class="DATA_CLASS_SCALAR"
)


class Events:
    """Writes scalars to an event file in `folder`; to nowhere where it is None.

    Look at them with `tensorboard --logdir FOLDER`.
    """

    def __init__(self, folder: Path | None) -> None:
        self._writer = tf.summary.create_noop_writer() if folder is None else _writer(folder)

    def write(self, step: int, figures: Mapping[str, float | None]) -> None:
        """Adds the figures that are not None, at this step."""
        with self._writer.as_default(step=step):
            for name, value in figures.items():
                if value is not None:
                    tf.summary.write(name, tf.constant(value, tf.float32), metadata=_SCALAR)
        self._writer.flush()

    def close(self) -> None:
        self._writer.close()


def _writer(folder: Path) -> tf.summary.SummaryWriter:
    folder.mkdir(parents=True, exist_ok=True)
    return tf.summary.create_file_writer(str(folder))
