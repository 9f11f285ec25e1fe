"""The small network learns from a pretrained sentence encoder before it learns from the labels alone."""
