"""The server's options; names and defaults are TF Serving's flags."""

import os

import msgspec

_THREADS = 4 * len(os.sched_getaffinity(0))
_MAY_BE_NEGATIVE = ("rest_api_port", "load_retry_interval_micros")


class ServerOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one server serves, and how.

    Attributes:
        host: Address to listen on. TF Serving always takes 0.0.0.0; here a server is private by default.
        port: Of the gRPC API; 0 picks a free one.
        model_config_file: Text-format ModelServerConfig; it wins over `model_base_path`.
        model_config_file_poll_wait_seconds: Time between two looks at that file; 0: it is read once.
        model_name: Name of the one model at `model_base_path`.
        model_base_path: Its folder of version folders; absolute, as in a config.
        file_system_poll_wait_seconds: Time between two looks for new versions; 0: at the start and at
            reloads only.
        allow_version_labels_for_unavailable_models: A label that is new may name a version that is not
            available yet; needed to start with a config that has labels.
        max_num_load_retries: How often a failed load is tried again.
        load_retry_interval_micros: Time between the tries; negative: none.
        num_load_threads: Loads at a time; 0 means 2.
        resource_preserving_loads: Frees a version before it loads the next, where memory has no room for
            both; the model does not answer meanwhile. (TF Serving has this policy, and no flag for it.)
        use_saved_model: Loads the SavedModel of a version that has a LiteRT twin too. (TF Serving's own flag,
            prefer_tflite_model, is the other way round and not for these twins, which take encoded text.)
        enable_model_warmup: Runs a version's warm-up requests before it is available.
        num_request_iterations_for_warmup: How often each of them is run; 0 means once.
        saved_model_tags: Of the meta graph to load, separated by commas.
        tensorflow_session_parallelism: Threads for operations, and for each of them, of a SavedModel; 0: as
            many as there are cores.
        tensorflow_intra_op_parallelism, tensorflow_inter_op_parallelism: The same, one by one.
        allowed_ops: Operations, separated by commas, that a SavedModel may run beside those that only
            compute; `*` allows all, as TF Serving does.
        enable_signature_method_name_check: Refuses to use a signature for what it is not declared to be for.
        enable_serialization_as_tensor_content: Predict answers packed bytes instead of typed fields.
        grpc_socket_path: Answers gRPC on this UNIX socket too.
        grpc_max_threads: Calls at a time.
        grpc_channel_arguments: `key=value,...` for gRPC itself, such as `grpc.max_connection_age_ms=2000`.
        ssl_config_file: Text-format SSLConfig; gRPC then speaks TLS only. REST stays plain, as in TF Serving.
        enable_grpc_healthcheck_service: Answers `grpc.health.v1.Health` too.
        rest_api_port: Of the REST API and of Prometheus; 0: neither is there; -1 picks a free one.
        rest_api_num_threads: REST calls at a time.
        rest_api_timeout_in_ms: What a REST call may take; 0: any time.
        rest_api_enable_cors_support: Lets pages of other origins call.
        monitoring_config_file: Text-format MonitoringConfig: whether and where the metrics are shown.
        enable_batching: Calls of one signature that come together run as one, in all models; with
            enable_per_model_batching_parameters in those that have a `batching_params.pbtxt`.
        batching_parameters_file: Text-format BatchingParameters.
    """

    host: str = "127.0.0.1"
    port: int = 8500
    model_config_file: str = ""
    model_config_file_poll_wait_seconds: float = 0.0
    model_name: str = "default"
    model_base_path: str = ""
    file_system_poll_wait_seconds: float = 1.0
    allow_version_labels_for_unavailable_models: bool = False
    max_num_load_retries: int = 5
    load_retry_interval_micros: int = 60_000_000
    num_load_threads: int = 0
    resource_preserving_loads: bool = False
    use_saved_model: bool = False
    enable_model_warmup: bool = True
    num_request_iterations_for_warmup: int = 0
    saved_model_tags: str = "serve"
    tensorflow_session_parallelism: int = 0
    tensorflow_intra_op_parallelism: int = 0
    tensorflow_inter_op_parallelism: int = 0
    allowed_ops: str = ""
    enable_signature_method_name_check: bool = False
    enable_serialization_as_tensor_content: bool = False
    grpc_socket_path: str = ""
    grpc_max_threads: int = _THREADS
    grpc_channel_arguments: str = ""
    ssl_config_file: str = ""
    enable_grpc_healthcheck_service: bool = False
    rest_api_port: int = 0
    rest_api_num_threads: int = _THREADS
    rest_api_timeout_in_ms: int = 30_000
    rest_api_enable_cors_support: bool = False
    monitoring_config_file: str = ""
    enable_batching: bool = False
    enable_per_model_batching_parameters: bool = False
    batching_parameters_file: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.port <= 65535:
            raise ValueError(f"`port` must be from 0 to 65535. Received: port={self.port}")
        if not self.model_base_path and not self.model_config_file:
            raise ValueError(
                "Both server_options.model_base_path and server_options.model_config_file are empty!"
            )
        if (
            self.tensorflow_session_parallelism
            and self.tensorflow_intra_op_parallelism
            and self.tensorflow_inter_op_parallelism
        ):
            raise ValueError(
                "Either configure server_options.tensorflow_session_parallelism or "
                "(server_options.tensorflow_intra_op_parallelism, "
                "server_options.tensorflow_inter_op_parallelism) separately. You cannot configure all."
            )
        if not -1 <= self.rest_api_port <= 65535:
            raise ValueError(
                f"`rest_api_port` must be from -1 to 65535. Received: rest_api_port={self.rest_api_port}"
            )
        for name in ("grpc_max_threads", "rest_api_num_threads"):
            if getattr(self, name) < 1:
                raise ValueError(f"`{name}` must be positive. Received: {name}={getattr(self, name)}")
        for field in msgspec.structs.fields(self):
            value = getattr(self, field.name)
            if isinstance(value, int | float) and value < 0 and field.name not in _MAY_BE_NEGATIVE:
                raise ValueError(f"`{field.name}` must not be negative. Received: {field.name}={value}")
