"""What a person may set for Label."""

import msgspec


class LabelOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The noise filters on labels that come from explicit invocations (Kim et al. 2018, section 4.1).

    Attributes:
        min_tokens: Words that a command must have; shorter ones are mostly recognition errors.
        min_count: How often a command must be in the log; 1 keeps every one.
        loose_forms: Whether "Y using X" and "open X Y" label too. They are catch-alls: they match many
            utterances that only happen to hold a name.
    """

    min_tokens: int = 3
    min_count: int = 1
    loose_forms: bool = False

    def __post_init__(self) -> None:
        for name in ("min_tokens", "min_count"):
            value = getattr(self, name)
            if value < 1:
                raise ValueError(f"`{name}` must be positive. Received: {name}={value}")
