"""A pretrained sentence encoder that the small network can learn from; training only, never served."""
