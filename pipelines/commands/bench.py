"""`arbiter bench`: the measurements of benchmarks/."""

import ast
import importlib
import importlib.util
from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands.console import quiet_tensorflow, say, say_table
from pipelines.errors import CallError, CommandError

_ALL = "all"


def register(app: typer.Typer) -> None:
    """Adds this group's commands to `app`."""
    app.command(
        add_help_option=False,  # `--help` after a name is the measurement's own
        context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    )(bench)


def bench(
    context: typer.Context,
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Which, or all; without it, the list of them.")
    ] = None,
) -> None:
    """Run a measurement of benchmarks/; all arguments after its name, --help too, are its own."""
    if name in context.help_option_names:
        say(context.get_help())
        return
    found = _measurements()
    if name is None:
        say_table(found.items())
        return
    if name not in (*found, _ALL):
        raise CallError(f"There is no measurement {name!r}.", f"There are: {', '.join((*found, _ALL))}.")
    quiet_tensorflow()
    for each in found if name == _ALL else (name,):
        code = importlib.import_module(f"benchmarks.{each}").main(context.args)
        if code:
            raise typer.Exit(code)


def _measurements() -> dict[str, str]:
    """Every module of benchmarks/ that has a `main`, with the first line of its docstring; imports none."""
    package = importlib.util.find_spec("benchmarks")
    if package is None or not package.submodule_search_locations:
        raise CommandError("benchmarks/ is not installed.", "Run it in a clone of the repository.")
    found = {}
    for source in sorted(Path(package.submodule_search_locations[0]).glob("*.py")):
        tree = ast.parse(source.read_text(encoding="utf-8"))
        if any(isinstance(node, ast.FunctionDef) and node.name == "main" for node in tree.body):
            found[source.stem] = (ast.get_docstring(tree) or "").partition("\n")[0]
    return found
