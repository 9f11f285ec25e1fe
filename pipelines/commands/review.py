"""`arbiter review`: the verdict and the numbers that matter, for people, programs and pull requests."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.commands.console import Json, Work, complain, print_json, say, say_table
from pipelines.errors import CallError, CommandError

if TYPE_CHECKING:
    from components.evaluate.summary import Compared, Summary


def register(app: typer.Typer) -> None:
    """Adds the command to `app`."""
    app.command()(review)


def review(
    workspace: Work,
    compare: Annotated[
        Path | None,
        typer.Option(metavar="OTHER_WORK", help="Hold it against the last run of another workspace."),
    ] = None,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print Markdown, for a comment on a pull request.")
    ] = False,
    fail_under: Annotated[
        list[str] | None,
        typer.Option(
            metavar="METRIC=VALUE",
            help="Exit with 1 where the metric is worse (for errors: above the value); may be repeated.",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """The verdict, the ten numbers that matter, and where the HTML review is.

    A comparison is request by request where both runs answered the same requests, with the interval of each
    change. Exit code 1: a limit of --fail-under does not hold. The verdict alone changes no exit code.
    """
    import msgspec

    from components.evaluate.limits import broken, read_limits
    from components.evaluate.markdown import markdown as as_markdown
    from components.evaluate.summary import compared, summary
    from pipelines.review import evaluated, newest_review
    from pipelines.workspace import Workspace

    if json and markdown:
        raise CallError("--json and --markdown exclude each other.")
    try:
        limits = read_limits(fail_under or ())
    except ValueError as error:
        raise CallError(f"--fail-under: {error}") from error
    place = Workspace.existing(workspace)
    evaluation, verdict = evaluated(place)
    found = summary(evaluation, verdict)
    other = None
    if compare is not None:
        try:
            other = compared(evaluated(Workspace.existing(compare))[0], evaluation)
        except FileNotFoundError as error:
            raise CommandError(
                f"The two runs cannot be compared: {error}.", "Run the older one again: arbiter run …"
            ) from error
    failed = broken(limits, found.metrics)
    page = newest_review(place)
    if json:
        added = {"compared": other, "broken": failed, "review": page}
        print_json({**msgspec.structs.asdict(found), **added})
    elif markdown:
        say(as_markdown(found, other, failed).rstrip())
    else:
        _print(found, other)
        say(f"Review: {page}" if page else "The review was not made; run again without --until.")
    if failed:
        for words in failed:
            complain(words)
        raise typer.Exit(CommandError.exit_code)


def _print(found: "Summary", other: "Compared | None") -> None:
    say(found.words)
    for model in found.models:
        if not model.blessed:
            say(f"  {model.model}: {model.words}")
    rows = [
        (
            row.metric,
            f"{row.value:.4f}",
            "" if row.low is None else f"[{row.low:.4f}, {row.high:.4f}]",
            row.meaning,
        )
        for row in found.ten
    ]
    say_table([("metric", "value", "95 % interval", f"meaning, on {found.split}"), *rows])
    if other is None:
        return
    say(
        f"Against the other, on the {other.paired:,} requests that both answered:"
        if other.paired
        else "Against the other, which answered other requests (and so without intervals):"
    )
    changes = [
        (
            change.metric,
            f"{change.before:.4f}",
            f"{change.after:.4f}",
            f"{change.after - change.before:+.4f}",
            "" if change.low is None else f"[{change.low:+.4f}, {change.high:+.4f}]",
            change.kind,
        )
        for change in other.changes
    ]
    say_table([("metric", "other", "this", "change", "95 % interval", ""), *changes])
