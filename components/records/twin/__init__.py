"""The LiteRT twin of a Shortlister: the SavedModel's answers in a process without TensorFlow.

Dense products are in `model.tflite`; what is looked up row by row lies beside it in `encoder/`, mapped into
memory.
"""
