"""`models.config`: which model versions a server serves and what they are labelled, in TF Serving's form."""

from pathlib import Path

import msgspec
from google.protobuf import text_format

from components.records.atomic import atomic_write
from components.records.serving_protos import model_server_config_pb2

MODELS_CONFIG = "models.config"
STABLE = "stable"

_PLATFORM = "tensorflow"


class ModelConfig(msgspec.Struct, frozen=True, kw_only=True):
    """One served model.

    Attributes:
        name: As clients ask for it.
        base_path: The folder with one folder per version; absolute.
        versions: Those that are served.
        labels: A name for a version, such as `STABLE`; each version named must be served.
    """

    name: str
    base_path: str
    versions: tuple[int, ...]
    labels: dict[str, int] = {}

    def __post_init__(self) -> None:
        if not Path(self.base_path).is_absolute():
            raise ValueError(f"`base_path` must be absolute. Received: base_path={self.base_path!r}")
        unserved = {label: version for label, version in self.labels.items() if version not in self.versions}
        if unserved:
            raise ValueError(f"`labels` must name versions in {self.versions}. Received: {unserved}")


def read_models_config(path: Path) -> tuple[ModelConfig, ...]:
    """The models that `path` lists; none where there is no such file.

    Raises:
        ValueError: It is no text-format ModelServerConfig, or a model is not served by `specific` versions.
    """
    if not path.is_file():
        return ()
    try:
        proto = text_format.Parse(path.read_text(), model_server_config_pb2.ModelServerConfig())
    except (text_format.ParseError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is not a TF Serving model config: {error}") from error
    return tuple(_from_proto(path, config) for config in proto.model_config_list.config)


def stable_version(path: Path, model: str) -> int | None:
    """The version of `model` that `path` labels stable, if any. Raises as `read_models_config` does."""
    configs = {config.name: config for config in read_models_config(path)}
    return configs[model].labels.get(STABLE) if model in configs else None


def write_models_config(path: Path, configs: tuple[ModelConfig, ...]) -> None:
    """Replaces `path` atomically; models, versions and labels in a stable order."""
    proto = model_server_config_pb2.ModelServerConfig()
    proto.model_config_list.SetInParent()
    for config in sorted(configs, key=lambda c: c.name):
        entry = proto.model_config_list.config.add(
            name=config.name, base_path=config.base_path, model_platform=_PLATFORM
        )
        entry.model_version_policy.specific.versions.extend(sorted(config.versions))
        entry.version_labels.update(config.labels)
    atomic_write(path, text_format.MessageToString(proto))


def _from_proto(path: Path, proto: model_server_config_pb2.ModelConfig) -> ModelConfig:
    if proto.model_version_policy.WhichOneof("policy_choice") != "specific":
        raise ValueError(f"{path}: model {proto.name!r} must list its versions (`specific`)")
    return ModelConfig(
        name=proto.name,
        base_path=proto.base_path,
        versions=tuple(proto.model_version_policy.specific.versions),
        labels=dict(proto.version_labels),
    )
