"""A bare gRPC server of the same package, whose answers have the size of a model's: `grpc.server` as it is.

python -m benchmarks.echo_server --port=0 --bytes=400
"""

import argparse
from concurrent.futures import ThreadPoolExecutor

import grpc

ECHO = "/arbiter.Echo/Echo"


def serve() -> None:
    """Answers until it is ended; says where."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--bytes", type=int, default=400)
    chosen = parser.parse_args()
    answer = b"x" * chosen.bytes
    service, method = ECHO[1:].split("/")
    handler = grpc.unary_unary_rpc_method_handler(lambda request, context: answer)
    server = grpc.server(ThreadPoolExecutor(16))
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, {method: handler}),))
    port = server.add_insecure_port(f"127.0.0.1:{chosen.port}")
    server.start()
    print(f"Running echo at 127.0.0.1:{port} ...", flush=True)
    server.wait_for_termination()


if __name__ == "__main__":
    serve()
