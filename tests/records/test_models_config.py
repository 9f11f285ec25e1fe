"""models.config in TF Serving's form."""

import pytest

from components.records.models_config import (
    ModelConfig,
    read_models_config,
    stable_version,
    write_models_config,
)

CONFIGS = (
    ModelConfig(
        name="domain-Home~20", base_path="/s/domain", versions=(3, 12), labels={"stable": 3, "canary": 12}
    ),
    ModelConfig(name="shortlister", base_path="/s/shortlister", versions=(1,)),
)


def test_round_trip(tmp_path):
    path = tmp_path / "models.config"
    assert read_models_config(path) == ()
    write_models_config(path, CONFIGS[::-1])
    assert read_models_config(path) == CONFIGS
    first = path.read_bytes()
    write_models_config(path, CONFIGS)
    assert path.read_bytes() == first
    write_models_config(path, ())
    assert read_models_config(path) == ()
    assert "model_config_list" in path.read_text()


def test_the_stable_version(tmp_path):
    path = tmp_path / "models.config"
    assert stable_version(path, "shortlister") is None
    write_models_config(path, CONFIGS)
    assert stable_version(path, "domain-Home~20") == 3
    assert stable_version(path, "shortlister") is None
    assert stable_version(path, "hyprank") is None


def test_it_is_what_tf_serving_documents(tmp_path):
    path = tmp_path / "models.config"
    path.write_text(
        """model_config_list {
          config { name: "m" base_path: "/s/m" model_platform: "tensorflow"
            model_version_policy { specific { versions: 42 versions: 43 } }
            version_labels { key: "stable" value: 42 } } }"""
    )
    assert read_models_config(path) == (
        ModelConfig(name="m", base_path="/s/m", versions=(42, 43), labels={"stable": 42}),
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("model_config_list {", "not a TF Serving model config"),
        ('model_config_list { config { name: "m" base_path: "/s" } }', "must list its versions"),
    ],
)
def test_files_that_are_no_config(tmp_path, text, words):
    path = tmp_path / "models.config"
    path.write_text(text)
    with pytest.raises(ValueError, match=words):
        read_models_config(path)


def test_a_config_that_cannot_be_served_is_not_made():
    with pytest.raises(ValueError, match="`base_path` must be absolute"):
        ModelConfig(name="m", base_path="s/m", versions=(1,))
    with pytest.raises(ValueError, match=r"`labels` must name versions in \(1,\)"):
        ModelConfig(name="m", base_path="/m", versions=(1,), labels={"stable": 2})
