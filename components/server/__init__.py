"""The embedded model server: TF Serving's gRPC API in one process."""
