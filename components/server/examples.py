"""The tf.Examples of a Classify, Regress or MultiInference call as the one tensor that the graph reads."""

from collections.abc import Sequence

import numpy as np

from components.records.array import Array
from components.records.serving_protos import input_pb2
from components.server.errors import invalid_argument

INPUTS = "inputs"
"""Name of that tensor in a signature."""


def serialized_examples(given: input_pb2.Input) -> Array:
    """Serialized tf.Examples [N]; the context, where there is one, is part of each.

    Raises:
        StatusError: There is none.
    """
    context = b""
    examples: Sequence[bytes] = ()
    match given.WhichOneof("kind"):
        case "example_list":
            examples = [each.SerializeToString() for each in given.example_list.examples]
        case "example_list_with_context":
            listed = given.example_list_with_context
            context = listed.context.SerializeToString()
            examples = [each.SerializeToString() for each in listed.examples]
    if not examples:
        raise invalid_argument("Input is empty.")
    tensor = np.empty(len(examples), dtype=object)  # [N]
    tensor[:] = [context + example for example in examples]
    return tensor
