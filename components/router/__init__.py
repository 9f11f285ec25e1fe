"""The router: composes the served models into an answer, in batch, in process and over gRPC alike."""
