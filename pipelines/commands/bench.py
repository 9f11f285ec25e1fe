"""`arbiter bench`: the measurements of benchmarks/."""

import ast
import importlib
import pkgutil
from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands.console import say
from pipelines.errors import CallError


def register(app: typer.Typer) -> None:
    """Adds this group's commands to `app`."""
    app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(bench)


def bench(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(help="Which; without it, the list of them.")] = None,
) -> None:
    """Run one of the measurements of benchmarks/; further arguments are its own."""
    found = _measurements()
    if name is None:
        for each, purpose in found.items():
            say(f"{each:<20} {purpose}")
        return
    if name not in found:
        raise CallError(f"There is no measurement {name!r}.", f"There are: {', '.join(found) or 'none'}.")
    raise typer.Exit(importlib.import_module(f"benchmarks.{name}").main(context.args) or 0)


def _measurements() -> dict[str, str]:
    """Every module of benchmarks/ that has a `main`, with the first line of its docstring; imports none."""
    import benchmarks

    found = {}
    for module in pkgutil.iter_modules(benchmarks.__path__):
        source = Path(benchmarks.__path__[0], f"{module.name}.py")
        if not source.is_file():
            continue
        tree = ast.parse(source.read_text(encoding="utf-8"))
        if any(isinstance(node, ast.FunctionDef) and node.name == "main" for node in tree.body):
            found[module.name] = (ast.get_docstring(tree) or "").partition("\n")[0]
    return found
