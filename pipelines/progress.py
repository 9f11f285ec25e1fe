"""One line per node while a pipeline runs."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal, TextIO

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

State = Literal["done", "cached", "failed"]

_STYLES = {"done": "green", "cached": "cyan", "failed": "bold red"}
_NAME_WIDTH = 20


class Reporter:
    """Prints a line per step to `stream`; on a terminal a clock runs meanwhile."""

    def __init__(self, stream: TextIO) -> None:
        self.console = Console(file=stream, highlight=False, soft_wrap=True)

    def say(self, text: str) -> None:
        self.console.print(text, markup=False)

    @contextmanager
    def telling(self, logger: logging.Logger) -> Iterator[None]:
        """Within it, what `logger` is told is printed as well."""
        handler = logging.Handler()
        handler.emit = lambda record: self.say(f"        {record.getMessage()}")  # type: ignore[method-assign]
        logger.addHandler(handler)
        try:
            yield
        finally:
            logger.removeHandler(handler)

    @contextmanager
    def step(self, name: str) -> Iterator[Callable[[State], None]]:
        """Yields what sets the state that the line shows; an exception that passes shows `failed`."""
        started = time.monotonic()
        state: State = "done"

        def finish_as(value: State) -> None:
            nonlocal state
            state = value

        columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        spinner = Progress(
            *columns, console=self.console, transient=True, disable=not self.console.is_terminal
        )
        spinner.add_task(name, total=None)
        try:
            with spinner:
                yield finish_as
        except BaseException:
            state = "failed"
            raise
        finally:
            self._line(name, state, time.monotonic() - started)

    def _line(self, name: str, state: State, seconds: float) -> None:
        line = Text.assemble((f"{state:<6}", _STYLES[state]), f"  {name:<{_NAME_WIDTH}}  {seconds:7.1f} s")
        self.console.print(line)
