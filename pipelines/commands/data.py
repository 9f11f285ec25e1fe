"""`arbiter simulate`, `import` and `check`: datasets made, brought and looked at."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.commands.console import Json, Settings, print_json, say
from pipelines.errors import CallError

if TYPE_CHECKING:
    from pipelines.check import Findings


def register(app: typer.Typer) -> None:
    """Adds this group's commands to `app`."""
    app.command()(simulate)
    app.command("import")(import_)
    app.command()(check)


def simulate(
    dest: Annotated[Path, typer.Argument(metavar="DEST", help="The dataset folder to make.")],
    skills: Annotated[int | None, typer.Option(help="Skills in the catalogue.")] = None,
    customers: Annotated[int | None, typer.Option(help="Customers who may speak.")] = None,
    requests: Annotated[int | None, typer.Option(help="Requests to write.")] = None,
    seed: Annotated[int | None, typer.Option(help="Equal seeds give equal bytes.")] = None,
    settings: Settings = None,
    json: Json = False,
) -> None:
    """Make a synthetic world in the dataset form.

    --set reaches everything that makes it hard: overlap, noise, inclusion and the other fields of
    components/simulate/options.py.
    """
    from components.simulate import SimulateOptions, simulate
    from pipelines.commands.progress import counting
    from pipelines.config import read_options

    flags = {"skills": skills, "customers": customers, "requests": requests, "seed": seed}
    given = {name: value for name, value in flags.items() if value is not None}
    options = read_options(SimulateOptions, given, settings or ())
    try:
        with counting("requests") as progress:
            made = simulate(dest, options, progress=progress)
    except ValueError as error:  # `dest` holds something
        raise CallError(str(error)) from error
    if json:
        print_json(made)
    else:
        size = f"{made.skills:,} skills in {made.domains:,} domains, {made.requests:,} requests"
        say(f"{dest}: {size}, seed {options.seed}; {made.seconds:.1f} s.")
        say(f"Next: arbiter run {dest} --workspace WORK")


def import_(
    set_name: Annotated[str, typer.Argument(metavar="SET", help="Which set.")],
    src: Annotated[Path, typer.Argument(metavar="SRC", help="The set's own folder or file.")],
    dest: Annotated[Path, typer.Argument(metavar="DEST", help="The dataset folder to make.")],
    simulate_enabled: Annotated[
        float | None,
        typer.Option(
            metavar="P", help="Simulate enabled lists that hold the right skill with probability P."
        ),
    ] = None,
    resplit: Annotated[bool, typer.Option("--resplit", help="Drop the native split.")] = False,
    only: Annotated[str | None, typer.Option(metavar="SPLIT", help="Read one native split alone.")] = None,
    seed: Annotated[int, typer.Option(help="Of the simulated lists.")] = 0,
    json: Json = False,
) -> None:
    """Turn a public set or a tool list into the dataset form.

    SET is sgd, hwu64, clinc150, alexa-skills or mcp.
    """
    from components.importers import SETS, ImportOptions, SourceError, import_set

    if set_name not in SETS:
        raise CallError(f"SET must be one of {', '.join(SETS)}. Received: {set_name}")
    if not src.exists():
        raise CallError(f"SRC {src} does not exist.", f"Give the folder that {set_name} was unpacked to.")
    try:
        options = ImportOptions(simulate_enabled=simulate_enabled, resplit=resplit, only=only, seed=seed)
    except ValueError as error:
        raise CallError(str(error)) from error
    try:
        summary = import_set(set_name, src, dest, options)
    except SourceError:
        raise
    except ValueError as error:  # `dest` holds something, or the set has no such split
        raise CallError(str(error)) from error
    if json:
        print_json(summary)
        return
    say(f"{dest}: {summary.skills:,} skills in {summary.domains:,} domains, {summary.total:,} requests.")
    say("  " + ", ".join(f"{split} {count:,}" for split, count in summary.requests.items()))
    for reason, count in summary.dropped.items():
        say(f"  left out: {count:,} × {reason}")
    if summary.in_enabled is not None:
        say(f"  the right skill is enabled in {summary.in_enabled:.1%} of the requests (simulated lists)")
    say(f"Next: arbiter run {dest} --workspace WORK")


def check(
    data: Annotated[Path, typer.Argument(metavar="DATA", help="The dataset folder.")],
    config: Annotated[Path | None, typer.Option(help="YAML; its ingest and gate sections count.")] = None,
    settings: Settings = None,
    json: Json = False,
) -> None:
    """Validate a dataset; report conflicts and overlaps. Exit code 1 where a run would refuse it."""
    from components.records.catalogue import CatalogueError
    from pipelines.check import check
    from pipelines.config import read_config
    from pipelines.fingerprint import require_dataset

    chosen = read_config(config, settings or ())
    require_dataset(data, chosen.ingest.requests)
    try:
        found = check(data, chosen)
    except CatalogueError as error:
        if json:
            print_json({"usable": False, "problems": [str(error)]})
            raise typer.Exit(1) from error
        raise
    if json:
        print_json(found)
    else:
        _print_findings(found)
    if not found.usable:
        raise typer.Exit(1)


def _print_findings(found: "Findings") -> None:
    say(f"{found.skills:,} skills in {found.domains:,} domains")
    say(f"{found.records:,} records in {found.files:,} files")
    say(f"  {found.good:,} good, {found.bad:,} bad, {found.duplicates:,} duplicates")
    say(f"  {found.labelled:,} with a right skill")
    say("  outcomes: " + _counts(found.outcomes))
    if found.splits is not None:
        say("  splits:   " + _counts(found.splits))
    say("  pinned:   " + _counts(found.pinned))
    if found.skills_without_requests:
        say(f"  {found.skills_without_requests:,} skills have no request of their own")
    for reason, count in found.reasons.items():
        say(f"  bad: {count:,} × {reason}")
    for letter in found.first_bad:
        say(f"    {letter.file} line {letter.line}: {letter.problem}")
    if found.shared_names:
        say(f"  {found.shared_names:,} spoken names lead to several skills:")
        for conflict in found.names:
            say(f"    {conflict.text!r}: {_some(conflict.skills)}")
    if found.contradictions:
        say(f"  {found.contradictions:,} utterances are labelled with several skills:")
        for conflict in found.utterances:
            say(f"    {conflict.text!r}: {_some(conflict.skills)}")
    say("Usable." if found.usable else "Not usable: " + "; ".join(found.problems) + ".")


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items()) or "none"


def _some(skills: tuple[str, ...], shown: int = 5) -> str:
    return ", ".join(skills[:shown]) + (f" and {len(skills) - shown} more" if len(skills) > shown else "")
