"""The commands that pages tell a person to type: whether Arbiter takes them as they stand there."""

import shlex
from pathlib import Path

import pytest
import typer

from pipelines.cli import app

ROOT = Path(__file__).resolve().parents[2]
BEFORE = ("pipeline", "--")
"""What a command in a container stands after: the service's name, or the end of kubectl's own words."""


def commands(page):
    """The words after `arbiter` in the page's blocks of bash, without comments; what is in [ ] is given."""
    blocks = [block.partition("```")[0] for block in page.read_text().split("```bash\n")[1:]]
    lines = (line for block in blocks for line in block.replace("\\\n", "").splitlines())
    for line in (line for line in lines if "arbiter" in line):  # of others a quotation may go on
        words = [word.strip("[]") for word in shlex.split(line, comments=True)]
        for at, word in enumerate(words):
            if word == "arbiter" and (at == 0 or words[at - 1] in BEFORE):
                yield words[at + 1 :]


PAGES = [page for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))) if [*commands(page)]]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_arbiter_takes_the_commands_of_a_page(page):
    program = typer.main.get_command(app)
    for name, *arguments in commands(page):
        program.commands[name].make_context(name, arguments)  # raises for what it does not know


def test_commands_are_found_wherever_they_run():
    assert {name for name, *_ in commands(ROOT / "docs/cluster.md")} == {
        *("check", "compile", "submit", "manifests", "run"),
    }
    assert [name for name, *_ in commands(ROOT / "docs/images.md")] == ["simulate", "run"]
