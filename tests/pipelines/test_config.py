"""The configuration: defaults, overlays, and messages that name key, rule and value."""

import msgspec
import pytest

from components.simulate.options import SimulateOptions
from pipelines.config import Config, options_json, read_config, read_options
from pipelines.errors import CallError


def test_defaults_work():
    assert read_config() == Config()


def test_settings_win_over_the_file_and_the_file_over_the_defaults(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text(
        "shortlister: {epochs: 5, learning_rate: 1e-3}\nevaluate: {thresholds: {min_top1: 0.5}}\n",
        encoding="utf-8",
    )
    config = read_config(path, ["shortlister.epochs=3", "evaluate.thresholds.max_ece=null"])
    assert config.shortlister.epochs == 3
    assert config.shortlister.learning_rate == pytest.approx(1e-3)
    assert config.evaluate.thresholds.min_top1 == pytest.approx(0.5)
    assert config.evaluate.thresholds.max_ece is None
    assert config.ingest == Config().ingest


def test_an_empty_file_is_the_defaults(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text("# nothing\n", encoding="utf-8")
    assert read_config(path) == Config()


def test_a_setting_may_hold_a_list():
    config = read_config(settings=['ingest.requests=["requests/a.jsonl"]'])
    assert config.ingest.requests == ("requests/a.jsonl",)


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("shortlister.epoch=3", "unknown key shortlister.epoch.\nDid you mean shortlister.epochs?"),
        ("shortlistr.epochs=3", "unknown key shortlistr.\nDid you mean shortlister?"),
        ("zzz=3", "unknown key zzz.\nKnown: ingest, gate"),
        ("push.zzz=3", "unknown key push.zzz.\nKnown: push.split, push.requests"),
        ("shortlister=3", "shortlister is a section, not a value. Received: '3'"),
        ("rank.top=three", "rank.top: Expected `int`, got `str`. Received: 'three'"),
        ("shortlister.epochs=0", "`epochs` must be at least 1. Received: epochs=0"),
        ("evaluate.thresholds.max_ece=7", "`max_ece` must be in [-1, 1]. Received: 7"),
        ("shortlister.epochs", "--set takes key=value. Received: 'shortlister.epochs'"),
        ("ingest.requests=[", "--set ingest.requests: the value is no JSON"),
        (".=1", "--set takes key=value"),
    ],
)
def test_a_wrong_setting_is_named(setting, said):
    with pytest.raises(CallError) as caught:
        read_config(settings=[setting])
    assert said in str(caught.value)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("shortlister: {epochz: 3}", "unknown key shortlister.epochz"),
        ("- 1", "must hold sections"),
        ("a: [", "is not YAML"),
        ("shortlister: 3", "shortlister is a section, not a value. Received: 3"),
    ],
)
def test_a_wrong_file_is_named(tmp_path, content, said):
    path = tmp_path / "config.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(CallError, match=said.replace("(", r"\(")):
        read_config(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(CallError, match=r"none\.yaml cannot be read: No such file"):
        read_config(tmp_path / "none.yaml")


def test_options_of_one_part_are_read_by_the_same_rules():
    options = read_options(SimulateOptions, {"skills": 7}, ["overlap=0.25"])
    assert (options.skills, options.overlap) == (7, 0.25)
    with pytest.raises(CallError, match="unknown key overlapp"):
        read_options(SimulateOptions, {}, ["overlapp=0.25"])


def test_equal_options_give_equal_json_that_the_component_reads():
    options = read_config(settings=["shortlister.epochs=3"]).shortlister
    again = read_config(settings=["shortlister.epochs=3"]).shortlister
    assert options_json(options) == options_json(again)
    assert msgspec.json.decode(options_json(options), type=type(options)) == options
