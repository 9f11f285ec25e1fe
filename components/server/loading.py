"""Loads a version folder for serving: in its lighter form where it has one, and warm."""

from pathlib import Path
from typing import Protocol

from google.protobuf.message import DecodeError

from components.records.saved_model import described
from components.records.servable import (
    DATA_LOSS,
    FAILED_PRECONDITION,
    Servable,
    ServableError,
    SessionOptions,
)
from components.server.batching.batching import Batching
from components.server.errors import StatusError
from components.server.options import ServerOptions
from components.server.warmup import warm_up


class Load(Protocol):
    """As `load_version`."""

    def __call__(self, folder: Path, options: ServerOptions, batching: Batching | None) -> Servable: ...


def load_version(folder: Path, options: ServerOptions, batching: Batching | None = None) -> Servable:
    """The model in `folder`, after its warm-up requests have been answered.

    Raises:
        ServableError: It is no version folder, is damaged, or a warm-up request fails.
    """
    both = options.tensorflow_session_parallelism
    session = SessionOptions(
        tags=tuple(options.saved_model_tags.split(",")),
        intra_op_threads=both or options.tensorflow_intra_op_parallelism,
        inter_op_threads=both or options.tensorflow_inter_op_parallelism,
        more_ops=tuple(filter(None, options.allowed_ops.split(","))),
    )
    servable = Servable.load(
        folder, saved_model=options.use_saved_model, warm_up=options.enable_model_warmup, session=session
    )
    _check_described(servable)
    if batching is not None:
        servable = batching.wrap(servable)
    if options.enable_model_warmup:
        try:
            warm_up(
                servable,
                iterations=max(options.num_request_iterations_for_warmup, 1),
                check_method_names=options.enable_signature_method_name_check,
            )
        except StatusError as error:
            raise ServableError(error.number, error.message) from error
    return servable


def _check_described(servable: Servable) -> None:
    """A twin answers with its SavedModel's signatures; their description could be damaged or another's."""
    try:
        found = {name: described(proto) for name, proto in servable.signature_defs.items()}
    except (OSError, DecodeError) as error:
        raise ServableError(DATA_LOSS, f"the description of the signatures is damaged: {error}") from error
    if found != servable.signatures:
        raise ServableError(FAILED_PRECONDITION, "the signatures are not those that the model has")
