"""The server as a process: `python -m components.server` and `serve`."""

import shutil
import signal
import subprocess
import sys

import pytest

from components.records.live_server import LiveServer, live_address
from components.records.models_config import MODELS_CONFIG, ModelConfig, write_models_config
from components.records.serving_client import ServingClient
from components.server.flags import parsed
from components.server.main import main
from components.server.options import ServerOptions
from components.server.serve import serve
from tests.server.calls import INPUTS

PARALLELISM = ("session", "intra_op", "inter_op")
_SERVE = "import sys; from pathlib import Path; from components.server.serve import serve\n"
_SERVE += "sys.exit(serve(Path(sys.argv[1]), 0))"


def test_serve_answers_announces_itself_and_ends_on_sigterm(scaler, tmp_path):
    serving = tmp_path / "serving"
    shutil.copytree(scaler, serving / "m" / "5")
    config = ModelConfig(name="m", base_path=str(serving / "m"), versions=(5,), labels={"stable": 5})
    write_models_config(serving / MODELS_CONFIG, (config,))
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVE, str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    line = process.stdout.readline()
    assert line.startswith("Running gRPC ModelServer at 127.0.0.1:")
    address = line.removeprefix("Running gRPC ModelServer at ").removesuffix(" ...\n")
    assert live_address(serving) == address
    with ServingClient(address) as client:
        assert client.predict("m", INPUTS, label="stable")[1] == 5
    process.send_signal(signal.SIGTERM)
    assert process.communicate(timeout=15)[0] == ""
    assert process.returncode == 0
    assert live_address(serving) is None


def test_a_dead_servers_announcement_counts_for_nothing(tmp_path):
    import msgspec

    assert live_address(tmp_path) is None
    gone = subprocess.Popen(["true"])
    gone.wait()
    (tmp_path / "server.json").write_bytes(msgspec.json.encode(LiveServer("127.0.0.1:1", gone.pid)))
    assert live_address(tmp_path) is None
    (tmp_path / "server.json").write_text("{half")
    assert live_address(tmp_path) is None


def test_serving_an_empty_workspace(tmp_path):
    with pytest.raises(ValueError, match="nothing has been pushed yet"):
        serve(tmp_path, 0)


def test_serving_a_workspace_that_was_moved(tmp_path):
    config = ModelConfig(name="m", base_path=str(tmp_path / "old" / "m"), versions=(1,))
    write_models_config(tmp_path / "new" / "serving" / MODELS_CONFIG, (config,))
    with pytest.raises(ValueError, match="was the workspace moved"):
        serve(tmp_path / "new", 0)


def test_a_config_that_cannot_be_read_ends_with_255(tmp_path, capsys):
    file = tmp_path / "bad.config"
    file.write_text("model_config_list {")
    assert main(["--port=0", f"--model_config_file={file}"]) == 255
    assert capsys.readouterr().out.startswith(
        "Failed to start server. Error: INVALID_ARGUMENT: "
        "Error parsing text-format tensorflow.serving.ModelServerConfig"
    )


@pytest.mark.parametrize(
    "wrong", [["--port=x"], ["--rest", "1"], ["--enable_model_warmup=no"], ["--model_base", "/m"]]
)
def test_a_flag_that_cannot_be_read_ends_with_255_and_the_usage(wrong, capsys):
    with pytest.raises(SystemExit) as end:
        main(wrong)
    assert end.value.code == 255
    assert "usage: python -m components.server" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ([], "Both server_options.model_base_path and server_options.model_config_file are empty!"),
        (["--port=70000", "--model_base_path=/m"], "`port` must be from 0 to 65535"),
        (
            ["--model_base_path=/m", *(f"--tensorflow_{kind}_parallelism=2" for kind in PARALLELISM)],
            "Either configure server_options.tensorflow_session_parallelism or ",
        ),
        (["--model_base_path=/m", "--prefer_tflite_model"], "`prefer_tflite_model` is not supported"),
        (["--model_base_path=/m", "--platform_config_file=x"], "`platform_config_file` is not supported"),
    ],
)
def test_options_that_cannot_be_kept_end_with_255(wrong, words, capsys):
    assert main(wrong) == 255
    assert capsys.readouterr().out.startswith(f"Failed to start server. Error: INVALID_ARGUMENT: {words}")


def test_tf_servings_flags_without_a_meaning_here_are_taken(caplog):
    given = ["--model_base_path=/m", "--flush_filesystem_caches=false", "--num_unload_threads=2"]
    assert parsed([*given, "--prefer_tflite_model=false"]) == ServerOptions(model_base_path="/m")
    assert "--flush_filesystem_caches=false has no effect" in caplog.text


def test_the_version(capsys):
    with pytest.raises(SystemExit) as end:
        main(["--version"])
    assert end.value.code == 0
    assert "ModelServer: " in capsys.readouterr().out


@pytest.mark.parametrize("bad", [{"port": -1}, {"num_load_threads": -1}, {"model_base_path": ""}])
def test_options_are_checked(bad):
    with pytest.raises(ValueError, match=r"must|empty"):
        ServerOptions(**{"model_base_path": "/m", **bad})
