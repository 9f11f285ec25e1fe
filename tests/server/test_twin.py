"""A version with a LiteRT twin: served without TensorFlow, with the SavedModel's signature."""

import gc
import shutil
import subprocess
import sys
import weakref

import numpy as np
import pytest
from google.protobuf import text_format

from components.records.request import Request
from components.records.servable import DEFAULT_SIGNATURE, Servable
from components.records.serving_client import ServingClient
from components.records.serving_protos import get_model_metadata_pb2
from components.records.shortlister_signature import shortlister_inputs
from components.records.version_folder import install
from components.server.options import ServerOptions
from components.server.server import ModelServer
from tests.saved_models import SKILLS, export_shortlister
from tests.server.calls import eventually, model_config, prediction_stub, server_config

REQUESTS = [
    Request(request_id="1", utterance="play some music", enabled_skills=SKILLS[:2]),
    Request(request_id="2", utterance="ütf-8 🎵"),
]
INPUTS = shortlister_inputs(REQUESTS, k=3)

_ALONE = """
import sys
import numpy as np
from components.records.serving_client import ServingClient
from components.server.options import ServerOptions
from components.server.server import ModelServer

options = ServerOptions(port=0, model_name="m", model_base_path=sys.argv[1])
inputs = {
    "utterance": np.array([b"play"], object), "enabled": np.array([[b""]], object), "k": np.array(2, np.int32)
}
with ModelServer.start(options) as server, ServingClient(server.address) as client:
    print(client.predict("m", inputs)[0]["scores"].shape, "tensorflow" in sys.modules)
"""


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    return export_shortlister(tmp_path_factory.mktemp("exported"), storage="float32")


@pytest.fixture(scope="module")
def served(exported, tmp_path_factory):
    """The folder of model m, with version 1."""
    base = tmp_path_factory.mktemp("served") / "m"
    install(exported, base, 1)
    return base


def metadata(server):
    request = get_model_metadata_pb2.GetModelMetadataRequest(metadata_field=["signature_def"])
    request.model_spec.name = "m"
    found = get_model_metadata_pb2.SignatureDefMap()
    prediction_stub(server).GetModelMetadata(request).metadata["signature_def"].Unpack(found)
    return found.signature_def["serving_default"]


def test_both_forms_answer_the_same_with_the_same_signature(served):
    answers, signatures = [], []
    for saved_model in (False, True):
        options = ServerOptions(
            port=0, model_name="m", model_base_path=str(served), use_saved_model=saved_model
        )
        with ModelServer.start(options) as server, ServingClient(server.address) as client:
            answers.append(client.predict("m", INPUTS)[0])
            signatures.append(metadata(server))
    assert signatures[0] == signatures[1]
    twin, saved = answers
    assert twin["skill_ids"].tolist() == saved["skill_ids"].tolist()
    np.testing.assert_allclose(twin["scores"], saved["scores"], atol=1e-5)


def test_tensorflow_is_not_imported(served):
    done = subprocess.run(
        [sys.executable, "-c", _ALONE, str(served)], capture_output=True, text=True, timeout=60
    )
    assert done.stdout == "(1, 2) False\n", done.stderr


DAMAGES = {
    "a truncated model": lambda f: (f / "model.tflite").write_bytes((f / "model.tflite").read_bytes()[:-999]),
    "a changed weight": lambda f: (f / "encoder/words.npy").write_bytes(
        (f / "encoder/words.npy").read_bytes()[:-1] + b"\x01"
    ),
    "a missing file": lambda f: (f / "encoder/folds.npy").unlink(),
    "no checksums and half a graph": lambda f: (
        (f / "checksums.json").unlink(),
        (f / "model.tflite").write_bytes((f / "model.tflite").read_bytes()[:999]),
    ),
    "no checksums and no signature": lambda f: (
        (f / "checksums.json").unlink(),
        (f / "encoder/signature.pb").write_bytes(b"\xff"),
    ),
    "another signature": lambda f: (
        (f / "checksums.json").unlink(),
        (f / "encoder/signature.pb").write_bytes(b""),
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_version_is_refused_and_the_old_one_goes_on(exported, served, tmp_path, damage):
    base = tmp_path / "m"
    shutil.copytree(served, base)
    file = tmp_path / "models.config"
    file.write_text(text_format.MessageToString(server_config(model_config("m", base))))
    options = ServerOptions(
        port=0, model_config_file=str(file), file_system_poll_wait_seconds=0.05, max_num_load_retries=0
    )
    with ModelServer.start(options) as server, ServingClient(server.address) as client:
        made = install(exported, tmp_path / "made", 2)
        DAMAGES[damage](made)
        made.rename(base / "2")
        eventually(lambda: 2 in client.status("m") and client.status("m")[2].state == "END")
        assert client.status("m")[2].error
        assert client.predict("m", INPUTS)[1] == 1


def test_a_version_that_is_let_go_is_freed_at_once(exported):
    twin = Servable.load(exported)
    twin.predict(DEFAULT_SIGNATURE, INPUTS)
    graph = weakref.ref(twin._model)
    gc.disable()  # which would free it later
    try:
        del twin
        assert graph() is None
    finally:
        gc.enable()
