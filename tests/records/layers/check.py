"""The check that every layer passes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops


def check_layer(
    make: Callable[[], keras.layers.Layer], inputs: tuple[Any, ...], *, shape: tuple[Any, ...], path: Path
) -> None:
    """Build, call, config round trip, a fit step that lowers the loss, save and load.

    Args:
        make: A new layer.
        inputs: Positional arguments of a call, as arrays.
        shape: Of the output; a tuple of shapes where there are several, of which the first is trained on.
        path: A folder to save in.
    """
    layer = make()
    outputs = layer(*inputs)
    shapes = shape if isinstance(shape[0], tuple) else (shape,)
    for output, expected in zip(outputs if isinstance(outputs, tuple) else (outputs,), shapes, strict=True):
        assert output.shape == expected
        assert np.isfinite(ops.convert_to_numpy(output)).all()
    assert tuple(layer.compute_output_shape(*(np.shape(value) for value in inputs))) == shape

    twin = type(layer).from_config(layer.get_config())
    assert {**twin.get_config(), "name": ""} == {**layer.get_config(), "name": ""}

    symbolic = [keras.Input(np.shape(value)[1:], dtype=str(np.asarray(value).dtype)) for value in inputs]
    made = layer(*symbolic)
    model = keras.Model(symbolic, made[0] if isinstance(made, tuple) else made)
    target = np.ones(shapes[0], np.float32)
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss="mse")
    if layer.trainable_weights:
        losses = model.fit(list(inputs), target, epochs=5, batch_size=len(target), verbose=0).history["loss"]
        assert losses[-1] < losses[0]

    model.save(path / "layer.keras")
    loaded = keras.models.load_model(path / "layer.keras")
    np.testing.assert_allclose(
        loaded.predict(list(inputs), verbose=0), model.predict(list(inputs), verbose=0), rtol=1e-5
    )
