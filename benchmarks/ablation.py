"""What each part of the Shortlister adds: personalisation, learning loop, expansion, refusal.

    arbiter bench ablation [--only NAME ...] [--skills 1500] [--requests 80000] [--sgd 12000] [--seeds 1 2 3]
        [--inclusions 0.9 0.7 0.0] [--rows ROW ...]

Each table is a module of benchmarks/ablations/ and writes docs/results/<its name>.md; what a page says below
"What it says" is a person's and stays. Everything is chosen on dev; test is looked at once a training.
"""

import argparse
import ast
import importlib
import shlex
from collections.abc import Sequence
from pathlib import Path

import msgspec

from benchmarks import ablations
from benchmarks.ablations.options import AblationOptions
from benchmarks.ablations.table import Table
from components.shortlister.options import ShortlisterOptions

_OUTPUT = Path("docs/results")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures the tables asked for, prints each and writes it."""
    defaults, names = AblationOptions(), tables()
    parser = argparse.ArgumentParser(
        prog="arbiter bench ablation",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", nargs="+", choices=names, default=names)
    parser.add_argument("--skills", type=int, default=defaults.skills)
    parser.add_argument("--requests", type=int, default=defaults.requests)
    parser.add_argument("--sgd", type=int, default=defaults.sgd, help="train requests of SGD; 0: none")
    parser.add_argument("--seeds", nargs="+", type=int, default=defaults.seeds)
    parser.add_argument("--inclusions", nargs="+", type=float, default=defaults.inclusions)
    parser.add_argument("--rows", nargs="+", default=(), help="only these rows, where a table lets choose")
    parser.add_argument("--options", default="{}", help="JSON of ShortlisterOptions")
    parser.add_argument("--data", type=Path, default=defaults.data)
    parser.add_argument("--cache", type=Path, default=defaults.cache)
    parser.add_argument("--output", type=Path, default=_OUTPUT, help="folder of the pages")
    chosen = parser.parse_args(arguments)
    options = AblationOptions(
        skills=chosen.skills,
        requests=chosen.requests,
        sgd=chosen.sgd,
        seeds=tuple(chosen.seeds),
        inclusions=tuple(chosen.inclusions),
        rows=tuple(chosen.rows),
        training=msgspec.json.decode(chosen.options, type=ShortlisterOptions),
        data=chosen.data,
        cache=chosen.cache,
    )
    for name in chosen.only:
        table: Table = importlib.import_module(f"{ablations.__name__}.{name}").measure(options)
        print(table.markdown())
        table.write(chosen.output / f"{name}.md", _command(name, chosen))
    return 0


def tables() -> list[str]:
    """Every module of benchmarks/ablations/ that has a `measure`; imports none."""
    found = []
    for source in sorted(Path(ablations.__path__[0]).glob("*.py")):
        tree = ast.parse(source.read_text(encoding="utf-8"))
        if any(isinstance(node, ast.FunctionDef) and node.name == "measure" for node in tree.body):
            found.append(source.stem)
    return found


def _command(name: str, chosen: argparse.Namespace) -> str:
    """The command that makes this page again."""
    seeds = " ".join(map(str, chosen.seeds))
    inclusions = " ".join(map(str, chosen.inclusions))
    size = f"--skills {chosen.skills} --requests {chosen.requests} --sgd {chosen.sgd} --seeds {seeds}"
    size += f" --inclusions {inclusions}"
    if chosen.rows:
        size += f" --rows {shlex.join(chosen.rows)}"
    changed = "" if chosen.options == "{}" else f" --options {shlex.quote(chosen.options)}"
    return f"arbiter bench ablation -- --only {name} {size}{changed}"


if __name__ == "__main__":
    raise SystemExit(main())
