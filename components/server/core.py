"""The served configuration: checks and applies it, watches the disk, resolves model and label."""

import threading
from collections.abc import Mapping

from components.records.servable import Servable
from components.records.serving_protos import model_pb2, model_server_config_pb2
from components.server.errors import failed_precondition, invalid_argument
from components.server.manager import Manager
from components.server.source import wanted_versions
from components.server.version import State

_PLATFORM = "tensorflow"

Models = Mapping[str, model_server_config_pb2.ModelConfig]


class ServerCore:
    """One configuration at a time, replaced as a whole.

    Args:
        manager: Holds the versions.
        allow_labels_for_unavailable: Lets a new label name a version that is not available (yet), which a
            server needs that starts with labels; a label that exists still moves to available versions only.
    """

    def __init__(self, manager: Manager, *, allow_labels_for_unavailable: bool = False) -> None:
        self._manager = manager
        self._allow_labels_for_unavailable = allow_labels_for_unavailable
        self._models: Models = {}
        self._labels: dict[tuple[str, str], int] = {}
        self._reloading = threading.Lock()

    @property
    def manager(self) -> Manager:
        return self._manager

    def reload(self, config: model_server_config_pb2.ModelServerConfig, *, wait: bool = True) -> None:
        """Makes `config` the configuration: labels first, then the models.

        Labels come first because TF Serving does it so: a config that moves a label to a version that is not
        available is refused as a whole, and has to be sent in two steps.

        Args:
            wait: Returns only when each model that is new has an available version.

        Raises:
            StatusError: The config is refused, or a new model did not become available.
        """
        with self._reloading:
            kind = config.WhichOneof("config")
            if kind is None:  # TF Serving takes no action and reports success
                return
            if kind != "model_config_list":
                raise failed_precondition(
                    "Cannot transition to requested config. It is only legal to transition "
                    "from one ModelConfigList to another."
                )
            models = _checked(config, self._models)
            self._labels = self._checked_labels(models)
            _check_platforms(models)
            if any(model.HasField("logging_config") for model in models.values()):
                raise invalid_argument("No request-logger-creator provided.")
            new = models.keys() - self._models.keys()
            for name in self._models.keys() - models.keys():
                self._manager.want(name, {})
            self._models = models
        self.poll()
        if wait:
            self._manager.wait(new)

    def poll(self) -> None:
        """Looks at the disk and makes what the policies name there the wanted versions."""
        with self._reloading:
            for name, config in self._models.items():
                wanted = wanted_versions(config)
                if wanted is not None:
                    self._manager.want(name, wanted)

    def resolve(self, spec: model_pb2.ModelSpec) -> tuple[int, Servable]:
        """The version that a request's model spec means. Raises `StatusError`."""
        if not spec.name:
            raise invalid_argument("ModelSpec has no name specified.")
        match spec.WhichOneof("version_choice"):
            case "version":
                return self._manager.get(spec.name, spec.version.value)
            case "version_label":
                version = self._labels.get((spec.name, spec.version_label))
                if version is None:
                    raise invalid_argument(f"Unrecognized servable version label: {spec.version_label}")
                return self._manager.get(spec.name, version)
            case _:
                return self._manager.get(spec.name, None)

    def _checked_labels(self, models: Models) -> dict[tuple[str, str], int]:
        labels = {}
        for name, config in models.items():
            states = self._manager.states(name)
            for label, version in config.version_labels.items():
                unmoved = self._labels.get((name, label), version) == version
                available = version in states and states[version].state == State.AVAILABLE
                if not available and not (self._allow_labels_for_unavailable and unmoved):
                    raise failed_precondition(
                        f"Request to assign label to version {version} of model {name}, "
                        "which is not currently available for inference"
                    )
                labels[name, label] = version
        return labels


def _checked(config: model_server_config_pb2.ModelServerConfig, old: Models) -> Models:
    models: dict[str, model_server_config_pb2.ModelConfig] = {}
    for model in config.model_config_list.config:
        if model.name in models:
            raise invalid_argument(f"Illegal to list model {model.name} multiple times in config list")
        models[model.name] = model
    for model in models.values():
        if not model.base_path.startswith("/") and "://" not in model.base_path:
            raise invalid_argument(
                f"Expected model {model.name} to have an absolute path or URI; "
                f"got base_path()={model.base_path}"
            )
    for name in models.keys() & old.keys():
        before, after = _platform(old[name]), _platform(models[name])
        if before != after:
            raise invalid_argument(
                f"Illegal to change a model's platform. For model {name} platform was {before} "
                f"and new platform requested is {after}"
            )
    return models


def _check_platforms(models: Models) -> None:
    for name, model in models.items():
        platform = _platform(model)
        if platform != _PLATFORM:
            raise invalid_argument(f"Model {name} requests unsupported platform {platform}")


def _platform(model: model_server_config_pb2.ModelConfig) -> str:
    kind = model_server_config_pb2.ModelType
    if model.model_type != kind.MODEL_TYPE_UNSPECIFIED:
        if model.model_platform:
            raise invalid_argument(
                "Illegal setting both ModelServerConfig::model_type (deprecated) "
                f"and ModelServerConfig::model_platform, model name is {model.name}"
            )
        if model.model_type != kind.TENSORFLOW:
            raise invalid_argument(f"ModelServerConfig::model_type choice {model.model_type} not supported.")
        return _PLATFORM
    if not model.model_platform:
        raise invalid_argument(
            "Illegal setting neither ModelServerConfig::model_type (deprecated) "
            f"nor ModelServerConfig::model_platform, model name is {model.name}"
        )
    platform: str = model.model_platform
    return platform
