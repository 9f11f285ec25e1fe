"""The command line. Nothing heavy is imported here: a command imports what it needs when it runs."""

import typer

from pipelines.commands import bench, cluster, data, review, rollback, rollout, runs, serving, skill, update
from pipelines.commands.console import CommandGroup

app = typer.Typer(
    cls=CommandGroup,
    help="Routes a request to the right one of tens of thousands of overlapping skills.",
    epilog="Exit codes: 0 done, 1 the work failed, 2 the call was wrong.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for group in (data, runs, review, update, skill, serving, rollback, rollout, cluster, bench):
    group.register(app)


def main() -> None:
    """The `arbiter` script."""
    app()


if __name__ == "__main__":
    main()
