"""The command line. Nothing heavy is imported here: a command imports what it needs when it runs."""

from typing import Any

import typer
from typer.core import TyperGroup

from pipelines.commands import bench, data, runs, serving, skill, update
from pipelines.commands.console import complain
from pipelines.errors import CommandError


class _Group(TyperGroup):
    """Turns an error for a person into its message and exit code; a bug keeps its traceback."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except CommandError as error:
            complain(error.what, error.do)
            raise typer.Exit(error.exit_code) from error
        except BrokenPipeError:  # the reader has what it wants; click ends quietly
            raise
        except (ValueError, OSError) as error:  # parts raise these with name, rule and value
            complain(str(error))
            raise typer.Exit(CommandError.exit_code) from error


app = typer.Typer(
    cls=_Group,
    help="Routes a request to the right one of tens of thousands of overlapping skills.",
    epilog="Exit codes: 0 done, 1 the work failed, 2 the call was wrong.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for group in (data, runs, update, skill, serving, bench):
    group.register(app)


def main() -> None:
    """The `arbiter` script."""
    app()


if __name__ == "__main__":
    main()
