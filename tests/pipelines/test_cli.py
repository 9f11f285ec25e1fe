"""What the command line says when it is called wrongly, and what it does not import to say it."""

import json
import subprocess
import sys
from unittest.mock import Mock

import pytest

from components.router.service.store import StoreError
from components.server.errors import unknown
from pipelines.nodes import NODES
from tests.pipelines.command import arbiter, printed_json

HEAVY = ("tensorflow", "apache_beam", "tfx", "keras", "numpy", "pyarrow", "ml_metadata")


@pytest.fixture
def data(tmp_path):
    assert arbiter("simulate", tmp_path / "data", "--skills", 7, "--requests", 50).exit_code == 0
    return tmp_path / "data"


COMMANDS = (
    *("simulate", "import", "check", "run", "status", "review", "predict", "route", "serve", "push", "bench"),
    *("skill", "skill add", "skill remove", "skill rename"),
)


def test_help_of_every_command_imports_nothing_heavy():
    code = (
        "import sys\n"
        "from typer.testing import CliRunner\n"
        "from pipelines.cli import app\n"
        f"for words in ('', *{COMMANDS}):\n"
        "    shown = CliRunner().invoke(app, [*words.split(), '--help'])\n"
        "    assert shown.exit_code == 0 and 'Usage' in shown.output, words\n"
        f"print([name for name in {HEAVY} if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "[]\n"


def test_every_command_is_listed():
    shown = arbiter("--help").stdout
    assert all(command.partition(" ")[0] in shown for command in COMMANDS)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("run", "none", "--workspace", "w"), "none is not a folder."),
        (("run", "none", "--workspace", "w", "--force"), "--force needs --reason."),
        (("run", "none", "--workspace", "w", "--reason", "why"), "--reason goes with --force."),
        (("check", "none"), "none is not a folder."),
        (("status", "none"), "none is not a workspace"),
        (("review", "none"), "none is not a workspace"),
        (("serve", "none"), "none is not a workspace"),
        (("route", "none", "hello"), "none is not a workspace"),
        (("predict", "none", "r.jsonl", "-o", "o.jsonl"), "none is not a workspace"),
        (("import", "nothing", "src", "dest"), "SET must be one of"),
        (("import", "sgd", "none", "dest"), "SRC none does not exist."),
        (("simulate", "dest", "--set", "overlapp=1"), "Did you mean overlap?"),
        (("simulate", "dest", "--skills", "0"), "`skills` must be at least 1. Received: skills=0"),
        (("bench", "none"), "There is no measurement 'none'."),
        (("run",), "Missing argument 'DATA'"),
        (("fly",), "No such command 'fly'"),
    ],
)
def test_a_wrong_call_exits_with_2_and_says_what(arguments, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = arbiter(*arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert "Traceback" not in result.output


def test_a_server_that_cannot_start_says_why_without_a_traceback(tmp_path, monkeypatch):
    (tmp_path / "work" / "serving").mkdir(parents=True)
    for error in (unknown("Could not listen on port 8500"), StoreError("no answer"), OSError("port 8080")):
        monkeypatch.setattr("pipelines.serving.serve", Mock(side_effect=error))
        result = arbiter("serve", tmp_path / "work")
        assert result.exit_code == 1
        assert f"It could not start: {error}" in result.stderr
        assert "Traceback" not in result.output


@pytest.mark.parametrize("help_option", ["--help", "-h"])
def test_help_of_bench_and_of_a_measurement(help_option):
    shown = arbiter("bench", help_option)
    assert shown.exit_code == 0
    assert "Run a measurement of benchmarks/" in shown.stdout
    own = arbiter("bench", "ingest", help_option)
    assert own.exit_code == 0
    assert own.stdout.startswith("usage: arbiter bench ingest [-h] [--requests")


def test_bench_lists_the_measurements():
    listed = arbiter("bench")
    assert listed.exit_code == 0
    assert {line.split()[0] for line in listed.stdout.splitlines()} >= {"ablation", "ingest", "shortlister"}


def test_an_unknown_node_lists_the_nodes(data, tmp_path):
    result = arbiter("run", data, "--workspace", tmp_path / "work", "--until", "Train")
    assert result.exit_code == 2
    for node in NODES:
        assert node in result.stderr
    assert not (tmp_path / "work").exists()


def test_an_unknown_key_is_refused_before_anything_is_made(data, tmp_path):
    result = arbiter("run", data, "--workspace", tmp_path / "work", "--set", "shortlister.epoch=3")
    assert result.exit_code == 2
    assert "Did you mean shortlister.epochs?" in result.stderr
    assert not (tmp_path / "work").exists()


def test_simulate_overwrites_nothing(data):
    result = arbiter("simulate", data)
    assert result.exit_code == 2
    assert "new or empty" in result.stderr


def test_check_says_usable_and_why_not(data):
    assert arbiter("check", data).stdout.splitlines()[-1] == "Usable."
    found = printed_json(arbiter("check", data, "--json"))
    assert (found["usable"], found["skills"], found["records"]) == (True, 7, 50)

    with (data / "requests" / "more.jsonl").open("w", encoding="utf-8") as more:
        more.writelines(json.dumps({"request_id": f"x{i}", "text": "hi"}) + "\n" for i in range(20))
    result = arbiter("check", data)
    assert result.exit_code == 1
    assert "bad: 20 × unknown_field" in result.stdout
    assert "requests/more.jsonl line 1: " in result.stdout
    assert "Not usable: 28.57% of the records are bad" in result.stdout


def test_a_broken_catalogue_lists_its_lines(data):
    with (data / "catalogue.jsonl").open("a", encoding="utf-8") as lines:
        lines.write('{"skill_id": "a"}\nnot json\n')
    result = arbiter("check", data)
    assert result.exit_code == 1
    assert "line 8" in result.stderr
    assert "line 9" in result.stderr
    assert printed_json(arbiter("check", data, "--json"))["usable"] is False
