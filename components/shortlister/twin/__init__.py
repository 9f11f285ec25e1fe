"""Writes the twin of a network: `model.tflite` and `encoder/`, which `components.records.twin` reads."""
