"""TF Serving's command line: flags that mean something here, that do not, and that cannot be kept."""

import argparse
import logging
import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import NoReturn

import msgspec

from components.server.options import ServerOptions

_log = logging.getLogger("arbiter.server")

_WITHOUT_EFFECT = (
    "enable_profiler",
    "flush_filesystem_caches",
    "num_tflite_interpreters_per_pool",
    "num_tflite_pools",
    "num_unload_threads",
    "per_process_gpu_memory_fraction",
    "remove_unused_fields_from_bundle_metagraph",
    "skip_initialize_tpu",
    "xla_cpu_compilation_enabled",
    "xla_gpu_compilation_enabled",
)
_NOT_SUPPORTED = (
    "mixed_precision",
    "platform_config_file",
    "prefer_tflite_model",
    "tensorflow_session_config_file",
    "thread_pool_factory_config_file",
    "use_alts_credentials",
)
_OFF = ("", "false")


def parsed(arguments: Sequence[str] | None) -> ServerOptions:
    """The options that the command line gives.

    Raises:
        ValueError: They do not fit together, or ask for what there is not.
        SystemExit: 255 for a flag that cannot be read, 0 after `--version` and `--help`.
    """
    given = vars(_parser().parse_args(arguments))
    for name in _NOT_SUPPORTED:
        value = given.pop(name)
        if value not in _OFF:
            raise ValueError(f"`{name}` is not supported by this model server. Received: {name}={value}")
    for name in _WITHOUT_EFFECT:
        value = given.pop(name)
        if value is not None:
            _log.warning("--%s=%s has no effect on this model server", name, value)
    return ServerOptions(**given)


class _Parser(argparse.ArgumentParser):
    """Ends as TF Serving does where it cannot read a flag."""

    def error(self, message: str) -> NoReturn:
        print(f"{message}\n{self.format_usage()}", end="")
        sys.exit(255)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m components.server",
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    for field in msgspec.structs.fields(ServerOptions):
        flag = f"--{field.name}"
        if field.type is bool:
            parser.add_argument(flag, type=_boolean, nargs="?", const=True, default=field.default)
        else:
            parser.add_argument(flag, type=field.type, default=field.default, metavar=field.type.__name__)
    for name in _WITHOUT_EFFECT:
        parser.add_argument(f"--{name}", nargs="?", const="true", help=argparse.SUPPRESS)
    for name in _NOT_SUPPORTED:
        parser.add_argument(f"--{name}", nargs="?", const="true", default="", help=argparse.SUPPRESS)
    versions = f"Arbiter ModelServer: {version('arbiter')}\nTensorFlow Library: {version('tensorflow')}"
    parser.add_argument("--version", action="version", version=versions)
    return parser


def _boolean(text: str) -> bool:
    if text not in ("true", "false"):
        raise argparse.ArgumentTypeError(f"must be true or false. Received: {text}")
    return text == "true"
