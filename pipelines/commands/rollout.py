"""`arbiter rollout` and `promote`: what live traffic says of candidates, and the end of trying them."""

from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.commands.console import Json, Settings, Work, print_json, quiet_tensorflow, say, say_table
from pipelines.commands.pushed import say_result
from pipelines.errors import CallError

if TYPE_CHECKING:
    from components.router.service.rollout.judge import CanaryFigures
    from components.router.service.rollout.shadowed import ShadowFigures
    from pipelines.rollout import RolloutReport
    from pipelines.workspace import Workspace


def register(app: typer.Typer) -> None:
    """Adds this group's commands to `app`."""
    app.command()(rollout)
    app.command()(promote)


def rollout(
    workspace: Work,
    review: Annotated[
        bool, typer.Option("--review", help="Of a shadow: write the page of its live requests too.")
    ] = False,
    settings: Settings = None,
    json: Json = False,
) -> None:
    """What live traffic says of what `push --canary` or `--shadow` tries, or tried last.

    --set reaches what a promotion asks of the live figures ("least_outcomes=500").
    """
    import msgspec

    from components.router.service.rollout.judge import LiveRule
    from pipelines.config import read_options
    from pipelines.rollout import rollout_report
    from pipelines.workspace import Workspace

    rule = read_options(LiveRule, {}, settings or ())
    place = Workspace.existing(workspace)
    found = rollout_report(place, rule)
    page = _reviewed(place, found) if review else None
    if json:
        print_json({**msgspec.structs.asdict(found), "review": page})
        return
    say(found.words)
    if found.canary is not None:
        _print_canary(found.canary)
    if found.shadow is not None:
        _print_shadow(found.shadow)
    if page is not None:
        say(f"Review: {page}")


def _reviewed(place: "Workspace", found: "RolloutReport") -> str:
    quiet_tensorflow()
    from pipelines.shadow_review import shadow_review

    return str(shadow_review(place, found))


def _print_canary(found: "CanaryFigures") -> None:
    names = ("requests", "refused", "degraded", "fell back", "p50 ms", "p99 ms")
    rows = [
        (
            arm,
            f"{each.requests:,}",
            *map(_share, (each.refused, each.degraded, each.fell_back)),
            *map(_ms, (each.p50_ms, each.p99_ms)),
            f"{each.outcomes:,}",
            f"{each.customers:,}",
            _share(each.right),
        )
        for arm, each in found.arms.items()
    ]
    say_table([("arm", *names, "outcomes", "customers", "right"), *rows])
    say(found.words)


def _print_shadow(found: "ShadowFigures") -> None:
    say(
        f"Asked {found.asked:,} requests, {found.failed:,} in vain; {found.dropped:,} more came too fast. "
        f"p50 {_ms(found.p50_ms)} ms, p99 {_ms(found.p99_ms)} ms; "
        f"of what was served {_ms(found.served_p50_ms)} and {_ms(found.served_p99_ms)} ms. "
        f"It acts as was served in {_share(found.agreed)}, and refuses {_share(found.refused)}."
    )
    names = ("both right", "served alone", "shadow alone", "neither", "unknown")
    counts = (found.both, found.served_alone, found.shadow_alone, found.neither, found.unknown)
    say_table([names, tuple(f"{count:,}" for count in counts)])
    say(found.words)


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.2f} %"


def _ms(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"


def promote(
    workspace: Work,
    abandon: Annotated[
        bool, typer.Option("--abandon", help="End it; what is in service stays. Needs --reason.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Whatever the live figures are; needs --reason.")
    ] = False,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; the log keeps it.")] = "",
    settings: Settings = None,
    json: Json = False,
) -> None:
    """Put what a canary tries into service, or, with --abandon, end a canary or shadow.

    Refused where the live figures are measurably worse, or too few (`arbiter rollout` shows them). --set
    reaches what they must be ("live.least_outcomes=500") and the push's options ("push.server=host:port").
    """
    from pipelines.config import read_options
    from pipelines.rollout import PromoteOptions, abandon_candidates, promote_candidates
    from pipelines.workspace import Workspace

    if abandon and force:
        raise CallError("--abandon and --force exclude each other.", "Nothing holds back an --abandon.")
    if (abandon or force) and not reason.strip():
        option = "--abandon" if abandon else "--force"
        raise CallError(f"{option} needs --reason.", 'For example: --reason "Slow on phones; ticket 12."')
    if reason and not (abandon or force):
        raise CallError("--reason goes with --abandon or --force.", "Without them the live figures decide.")
    place = Workspace.existing(workspace)
    if abandon:
        result = abandon_candidates(place, reason.strip())
    else:
        options = read_options(PromoteOptions, {}, settings or ())
        result = promote_candidates(place, options, forced=reason.strip())
    say_result(result, json=json)
