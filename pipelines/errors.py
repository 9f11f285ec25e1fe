"""What a command says when it cannot do its work."""


class CommandError(Exception):
    """An error for a person: what happened and where, then what to do about it.

    Args:
        what: What happened, where, with the value received.
        do: The next step for the reader; empty where `what` already says it.

    Attributes:
        exit_code: 1, the work failed.
    """

    exit_code = 1

    def __init__(self, what: str, do: str = "") -> None:
        self.what = what
        self.do = do
        super().__init__(f"{what}\n{do}" if do else what)


class CallError(CommandError):
    """The call itself was wrong: a missing folder, an unknown key, a value out of range. Exit code 2."""

    exit_code = 2
