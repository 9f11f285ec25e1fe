"""A page's parts: a made-up world and the public sets, each by itself if that is asked for."""

from collections.abc import Callable, Sequence
from functools import partial

from benchmarks.ablations.options import AblationOptions
from benchmarks.ablations.table import Grid
from benchmarks.kept import once
from benchmarks.system.made import System, made_set
from benchmarks.system.sets import SETS

_WORLD = "world"


def parts_of(
    options: AblationOptions,
    page: str,
    world: Callable[[], list[Grid]],
    of_set: Callable[[str, System, Sequence[int]], list[Grid]],
) -> list[Grid]:
    """The grids of a page: of the parts in `options.rows`, else of all; without SGD's requests of no set.

    Each part is kept by its name, the seeds and the number of requests, so that a page made in parts can be
    made whole in the end. A changed program needs another cache.

    Raises:
        ValueError: `options.rows` names what is no part.
    """
    names = (_WORLD, *SETS) if options.sgd else (_WORLD,)
    unknown = sorted(set(options.rows) - set(names))
    if unknown:
        raise ValueError(f"`rows` must be of {', '.join(names)}. Received: {', '.join(unknown)}")
    seeds = "-".join(map(str, options.seeds))
    grids: list[Grid] = []
    for name in names:
        if options.rows and name not in options.rows:
            continue
        make = world if name == _WORLD else partial(_of_set, of_set, name, options)
        grids += once(options.cache / "parts", f"{page}-{name}-{options.requests}-{seeds}", make)
    return grids


def _of_set(
    of_set: Callable[[str, System, Sequence[int]], list[Grid]], name: str, options: AblationOptions
) -> list[Grid]:
    return of_set(name, made_set(name, options.data), options.seeds)
