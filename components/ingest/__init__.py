"""Ingest: request files become checked Examples in splits; a refused record is kept with its reason."""
