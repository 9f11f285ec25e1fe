"""The Python examples of pages that call a server, run as they stand there."""

from pathlib import Path

import pytest

from components.router.service.in_process import InProcess
from components.router.service.options import RouterOptions
from components.router.service.service import RouterServer
from components.router.service.store.open import open_store
from components.server.serve import workspace_options
from components.server.server import ModelServer

ROOT = Path(__file__).resolve().parents[3]
PAGES = [ROOT / name for name in ("README.md", "docs/serving.md", "docs/server.md")]
MODELS, ROUTER = ":8500", ":8081"


def examples(page):
    """The page's blocks of Python that name one of the ports of `arbiter serve`."""
    blocks = [block.partition("```")[0] for block in page.read_text("utf-8").split("```python\n")[1:]]
    return [block for block in blocks if MODELS in block or ROUTER in block]


@pytest.fixture(scope="module")
def ports(serving, tmp_path_factory):
    """The model server's and the router's."""
    folder = tmp_path_factory.mktemp("examples")
    kept = {"store": open_store(folder / "store.sqlite"), "feedback": folder / "feedback"}
    with (
        ModelServer.start(workspace_options(serving, 0)) as models,
        RouterServer(InProcess(serving), RouterOptions(), **kept) as router,
    ):
        yield {MODELS: models.address, ROUTER: router.grpc_address}


@pytest.mark.parametrize(
    "example", [pytest.param(each, id=page.name) for page in PAGES for each in examples(page)]
)
def test_an_example_runs(example, ports, capsys):
    for port, address in ports.items():
        example = example.replace(port, f":{address.rpartition(':')[2]}")
    exec(compile(example, "example", "exec"), {})
    assert capsys.readouterr().out


def test_examples_are_found():
    assert [len(examples(page)) for page in PAGES[1:]] == [2, 1]
