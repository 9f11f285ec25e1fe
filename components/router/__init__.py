"""The router: composes the served models into an answer, in batch, in process and over gRPC alike."""

from components.router.predict_file import predict
from components.router.route_one import route

__all__ = ["predict", "route"]
