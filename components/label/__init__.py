"""Label: what each request teaches, decided by stated rules and written beside the request."""
