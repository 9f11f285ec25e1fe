"""A teacher that is cut down to its first layer, so that it trains in seconds."""

import msgspec

from components.shortlister.teacher.pretrained import Pretrained, load_pretrained


def small_teacher(name: str = "minilm") -> Pretrained:
    whole = load_pretrained(name)
    return Pretrained(
        sizes=msgspec.structs.replace(whole.sizes, num_hidden_layers=1),
        weights={
            name: value
            for name, value in whole.weights.items()
            if name.startswith(("embeddings.", "encoder.layer.0."))
        },
        tokenizer=whole.tokenizer,
    )
