"""Server-side batching: calls that come together run as one, as in TF Serving."""
