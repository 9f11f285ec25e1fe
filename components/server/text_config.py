"""The server's configuration files: protocol buffers as text.

TF Serving's package for Python has the messages of the API, but not those of monitoring, TLS and batching;
they are declared here, field by field as in tensorflow_serving's .proto files.
"""

import logging
from pathlib import Path
from typing import Any, TypeVar

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, text_format, wrappers_pb2
from google.protobuf.message import Message

from components.server.errors import invalid_argument, not_found, unknown

_log = logging.getLogger("arbiter.server")

_PACKAGE = "tensorflow.serving"
_WRAPPER = "google.protobuf."
_Field = descriptor_pb2.FieldDescriptorProto
_SCALARS = {"bool": _Field.TYPE_BOOL, "string": _Field.TYPE_STRING, "int64": _Field.TYPE_INT64}
_MESSAGES = {
    "PrometheusConfig": {"enable": (1, "bool"), "path": (2, "string")},
    "MonitoringConfig": {"prometheus_config": (1, "PrometheusConfig")},
    "SSLConfig": {
        "server_key": (1, "string"),
        "server_cert": (2, "string"),
        "custom_ca": (3, "string"),
        "client_verify": (4, "bool"),
    },
    "BatchingParameters": {
        "max_batch_size": (1, f"{_WRAPPER}Int64Value"),
        "batch_timeout_micros": (2, f"{_WRAPPER}Int64Value"),
        "max_enqueued_batches": (3, f"{_WRAPPER}Int64Value"),
        "num_batch_threads": (4, f"{_WRAPPER}Int64Value"),
        "thread_pool_name": (5, f"{_WRAPPER}StringValue"),
        "allowed_batch_sizes": (6, "repeated int64"),
        "pad_variable_length_inputs": (7, "bool"),
        "enable_large_batch_splitting": (8, f"{_WRAPPER}BoolValue"),
        "max_execution_batch_size": (9, f"{_WRAPPER}Int64Value"),
    },
}

Config = TypeVar("Config", bound=Message)


def _declared() -> dict[str, Any]:
    file = descriptor_pb2.FileDescriptorProto(
        name="components/server/text_config.proto",
        package=_PACKAGE,
        syntax="proto3",
        dependency=[wrappers_pb2.DESCRIPTOR.name],
    )
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for field_name, (number, kind) in fields.items():
            bare = kind.removeprefix("repeated ")
            field = message.field.add(name=field_name, number=number)
            field.label = _Field.LABEL_OPTIONAL if bare == kind else _Field.LABEL_REPEATED
            if bare in _SCALARS:
                field.type = _SCALARS[bare]
            else:
                field.type = _Field.TYPE_MESSAGE
                field.type_name = f".{bare}" if bare.startswith(_WRAPPER) else f".{_PACKAGE}.{bare}"
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(wrappers_pb2.DESCRIPTOR.serialized_pb)
    pool.AddSerializedFile(file.SerializeToString())
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{_PACKAGE}.{name}"))
        for name in _MESSAGES
    }


_CLASSES = _declared()
MonitoringConfig: Any = _CLASSES["MonitoringConfig"]
SSLConfig: Any = _CLASSES["SSLConfig"]
BatchingParameters: Any = _CLASSES["BatchingParameters"]


def read_text_config(path: str | Path, config: Config) -> Config:
    """Fills `config` from a file.

    Raises:
        StatusError: The file cannot be read, or is not the text of such a message.
    """
    try:
        return text_format.Parse(Path(path).read_text(), config)
    except FileNotFoundError as error:
        raise not_found(f"{path}; {error.strerror}") from error
    except OSError as error:
        raise unknown(f"{path}; {error.strerror}") from error
    except (text_format.ParseError, UnicodeDecodeError) as error:
        message = f"Error parsing text-format {config.DESCRIPTOR.full_name}: {error}"
        _log.error("%s", message)  # where TF Serving says it, too
        raise invalid_argument(message) from error
