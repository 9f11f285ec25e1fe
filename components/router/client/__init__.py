"""A client of the router, for threads and for asyncio; it needs neither TensorFlow nor the models."""

from components.router.api.answers import FeedbackAnswer, RouteAnswer, RouteResult
from components.router.api.calls import FeedbackCall, RouteCall
from components.router.client.blocking import RouterClient
from components.router.client.channel import RouterError
from components.router.client.concurrent import AsyncRouterClient

__all__ = [
    "AsyncRouterClient",
    "FeedbackAnswer",
    "FeedbackCall",
    "RouteAnswer",
    "RouteCall",
    "RouteResult",
    "RouterClient",
    "RouterError",
]
