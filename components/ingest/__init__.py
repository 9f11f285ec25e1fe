"""Ingest: request files become validated, de-duplicated, split Examples; every refused record is kept with a reason."""
