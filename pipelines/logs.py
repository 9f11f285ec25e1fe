"""Sends what libraries print to a file, whichever way they print it."""

import contextlib
import io
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


@contextmanager
def captured(log: Path) -> Iterator[TextIO]:
    """Within it, Python's logging, print and the C++ libraries' own writes to stderr all go to `log`.

    Yields:
        A stream that still writes to where standard output went before.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    with contextlib.ExitStack() as stack:
        file = stack.enter_context(log.open("a", buffering=1, encoding="utf-8", errors="backslashreplace"))
        terminal = _terminal(stack)
        for descriptor in (1, 2):
            saved = os.dup(descriptor)
            os.dup2(file.fileno(), descriptor)
            stack.callback(os.close, saved)
            stack.callback(os.dup2, saved, descriptor)
        stack.enter_context(contextlib.redirect_stdout(file))
        stack.enter_context(contextlib.redirect_stderr(file))
        handler = logging.StreamHandler(file)
        handler.setFormatter(logging.Formatter(_FORMAT))
        root = logging.getLogger()
        before = root.handlers[:], root.level
        root.handlers = [handler]
        root.setLevel(logging.INFO)
        # absl, which TFX logs with, sets the level of its own logger when it is imported.
        absl_level = logging.getLogger("absl").level
        try:
            yield terminal
        finally:
            root.handlers, level = before
            root.setLevel(level)
            logging.getLogger("absl").setLevel(max(absl_level, logging.WARNING))


def _terminal(stack: contextlib.ExitStack) -> TextIO:
    """Standard output as it is now, on a descriptor of its own where it has one."""
    try:
        descriptor = os.dup(sys.stdout.fileno())
    except io.UnsupportedOperation:  # a test's buffer
        return sys.stdout
    return stack.enter_context(os.fdopen(descriptor, "w", buffering=1, encoding=sys.stdout.encoding))
