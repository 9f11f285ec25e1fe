"""Batching as the server's options ask for it."""

from typing import Any

from components.records.servable import Servable, ServableError
from components.server.batching.batched import BatchedServable
from components.server.batching.scheduler import BatchScheduler
from components.server.batching.settings import PoolSettings, QueueSettings
from components.server.errors import StatusError, invalid_argument
from components.server.options import ServerOptions
from components.server.text_config import BatchingParameters, read_text_config

_PER_MODEL = "batching_params.pbtxt"


class Batching:
    """Batches the calls of models, in threads that they share.

    Args:
        parameters: A BatchingParameters.
        per_model: Only of versions with a `batching_params.pbtxt`, and as that says; of `parameters` the
            threads count then.

    Raises:
        StatusError: There would be no thread.
    """

    def __init__(self, parameters: Any, *, per_model: bool = False) -> None:
        self._parameters = parameters
        self._per_model = per_model
        self._scheduler = BatchScheduler(PoolSettings.of(parameters))

    @classmethod
    def asked_for(cls, options: ServerOptions) -> "Batching | None":
        """What `options` ask for; None: no batching.

        Raises:
            StatusError: They do not fit together, or the file is none.
        """
        if not options.enable_batching:
            if options.batching_parameters_file:
                raise invalid_argument(
                    "server_options.batching_parameters_file is set without setting "
                    "server_options.enable_batching to true."
                )
            return None
        parameters = BatchingParameters()
        if options.batching_parameters_file:
            read_text_config(options.batching_parameters_file, parameters)
        return cls(parameters, per_model=options.enable_per_model_batching_parameters)

    def wrap(self, servable: Servable) -> Servable:
        """`servable`, its calls batched if they are to be.

        Raises:
            ServableError: The parameters of its own cannot be read, or do not fit together.
        """
        try:
            parameters = self._parameters
            if self._per_model:
                path = servable.folder / _PER_MODEL
                if not path.is_file():
                    return servable
                parameters = read_text_config(path, BatchingParameters())
            return BatchedServable(servable, self._scheduler, QueueSettings.of(parameters))
        except StatusError as error:
            raise ServableError(error.code.value[0], error.message) from error

    def close(self) -> None:
        self._scheduler.close()
