"""A Shortlister's twin behind REST."""

import json
import subprocess
import sys

import numpy as np

from tests.server.rest.echo import api_of

BODY = {"inputs": {"utterance": ["play music"], "enabled": [["spotify"]], "k": 3}}
ALONE = """
import json, sys, urllib.request
from components.server.options import ServerOptions
from components.server.server import ModelServer

options = ServerOptions(port=0, rest_api_port=-1, model_name="m", model_base_path=sys.argv[1])
with ModelServer.start(options) as server:
    url = f"http://{server.rest_address}/v1/models/m:predict"
    answer = json.load(urllib.request.urlopen(url, data=sys.argv[2].encode()))
    print(len(answer["outputs"]["skill_ids"][0]), [name for name in sys.modules if name == "tensorflow"])
"""


def test_it_answers_as_in_process(twin):
    answer = api_of(twin).answer("POST", "/v1/models/m:predict", json.dumps(BODY).encode())
    outputs = json.loads(answer.body)["outputs"]
    inputs = {
        "utterance": np.array([b"play music"], dtype=object),
        "enabled": np.array([[b"spotify"]], dtype=object),
        "k": np.int32(3),
    }
    expected = twin.predict("serving_default", inputs)
    assert outputs["skill_ids"] == [[skill.decode() for skill in expected["skill_ids"][0]]]
    np.testing.assert_array_equal(np.float32(outputs["scores"]), expected["scores"])


def test_a_server_of_twins_never_imports_tensorflow(twin):
    ended = subprocess.run(
        [sys.executable, "-c", ALONE, str(twin.folder.parent), json.dumps(BODY)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert ended.stdout == "3 []\n"
