"""The router as a service: gRPC and REST over one core that answers whatever single models do."""
