import subprocess
import sys

import keras
import pytest
import tensorflow as tf

from components.shortlister import devices


def test_two_replicas_learn_what_one_does():
    # in a process of its own: TensorFlow's devices are fixed when it starts
    command = [sys.executable, "-m", "tests.shortlister.two_replicas"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


def test_a_cpu_computes_in_float32():
    assert devices.precision(None) == "float32"
    assert devices.precision("mixed_bfloat16") == "mixed_bfloat16"


def test_the_policy_is_put_back():
    before = keras.config.dtype_policy()
    with pytest.raises(KeyError, match="x"), devices.dtype_policy("mixed_bfloat16"):
        raise KeyError(keras.config.dtype_policy().name, "x")
    assert keras.config.dtype_policy().name == before.name


@pytest.mark.parametrize(
    ("flags", "kind"), [("fma avx512_bf16 avx512f", tf.bfloat16), ("fma avx512f", tf.float32)]
)
def test_products_are_rounded_only_where_that_is_quicker(tmp_path, monkeypatch, flags, kind):
    cpu = tmp_path / "cpuinfo"
    monkeypatch.setattr(devices, "_CPU", cpu)
    assert devices.products() == tf.float32
    cpu.write_text(f"processor : 0\nflags\t\t: {flags}\n")
    assert devices.products() == kind
