"""HypRank as every caller feeds and reads it, and its twin that needs no TensorFlow."""
