"""On which devices, and in which precision, a training runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import keras
import tensorflow as tf

_TENSOR_CORES = (7, 0)  # the first compute capability whose GPUs multiply 16-bit numbers faster
_CPU = Path("/proc/cpuinfo")
_BFLOAT16 = {"avx512_bf16", "amx_bf16"}  # flags of CPUs that multiply bfloat16 in hardware


def strategy() -> tf.distribute.Strategy:
    """All visible GPUs where there are several; else the one device there is."""
    gpus = tf.config.list_logical_devices("GPU")
    if len(gpus) > 1:
        return tf.distribute.MirroredStrategy([gpu.name for gpu in gpus])
    return tf.distribute.get_strategy()


def precision(wanted: str | None) -> str:
    """The Keras dtype policy: as wanted, or mixed_float16 where every GPU gains by it, else float32."""
    if wanted is not None:
        return wanted
    gpus = tf.config.list_physical_devices("GPU")
    capabilities = [tf.config.experimental.get_device_details(gpu).get("compute_capability") for gpu in gpus]
    gain = bool(gpus) and all(capability and capability >= _TENSOR_CORES for capability in capabilities)
    return "mixed_float16" if gain else "float32"


def products() -> tf.DType:
    """In which a large pretrained network multiplies best: bfloat16 where the CPU does it, else float32."""
    flags = set(_CPU.read_text().split()) if _CPU.exists() else set()
    return tf.bfloat16 if flags & _BFLOAT16 else tf.float32


@contextmanager
def dtype_policy(name: str) -> Iterator[None]:
    """Layers made within it compute in this policy."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
