"""Tools of MCP servers (https://modelcontextprotocol.io): the JSON that they answer to `tools/list`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import msgspec

from components.importers.source import Dropped, SourceError, decode, read_bytes
from components.records.request import Request
from components.records.skill import Intent, Skill


class _Schema(msgspec.Struct, frozen=True):
    properties: dict[str, Any] = {}


class _Tool(msgspec.Struct, frozen=True, rename={"input_schema": "inputSchema"}):
    name: Annotated[str, msgspec.Meta(min_length=1)]
    title: str | None = None
    description: str | None = None
    input_schema: _Schema = _Schema()


_json = msgspec.json.Decoder()


class Mcp:
    """Reads SRC, a JSON file or a folder of them, in any of these forms:

        {"tools": [...]}                          one answer; the server's name is the file's, without .json
        {"result": {"tools": [...]}}              the same with its JSON-RPC envelope
        {"servers": {name: answer or [tools]}}    several servers
        [{"name" or "server": name, ...answer}]   several servers as a list

    Args:
        src: The file or the folder.

    Raises:
        SourceError: No JSON is there, a file has another form, an answer has further pages that are missing
            (`nextCursor`), or a server names a tool twice.
    """

    licence = "Not stated: the tools are their servers' own."
    rules = (
        "A skill is a tool, by server/tool; a domain is a server; the intent is the tool's name.",
        "Slots are the properties of the tool's input schema; the description is the tool's.",
        "There are no requests: requests/00000.jsonl is empty, and a run needs some that you add.",
    )

    def __init__(self, src: Path) -> None:
        files = sorted(src.glob("*.json")) if src.is_dir() else [src]
        if not files:
            raise SourceError(src, "", "must hold *.json files with tools/list answers")
        self._skills: dict[str, Skill] = {}
        for path in files:
            for server, answer, where in _servers(path, decode(path, _json, read_bytes(path))):
                for skill in _skills(path, server, answer, where):
                    if skill.skill_id in self._skills:
                        raise SourceError(path, where, f"tool {skill.skill_id!r} must be listed once")
                    self._skills[skill.skill_id] = skill

    def skills(self) -> list[Skill]:
        return list(self._skills.values())

    def splits(self) -> tuple[str, ...]:
        return ()

    def requests(self) -> Iterator[Request | Dropped]:
        return iter(())


def _servers(path: Path, content: Any) -> Iterator[tuple[str, Any, str]]:
    """(server, its answer, where it stands) for each server of one file."""
    if isinstance(content, dict) and isinstance(content.get("servers"), dict):
        for name, answer in content["servers"].items():
            yield name, answer, f"servers.{name}"
    elif isinstance(content, list):
        for number, entry in enumerate(content):
            name = (entry.get("server") or entry.get("name")) if isinstance(entry, dict) else None
            if not isinstance(name, str):
                raise SourceError(
                    path, f"[{number}]", "must be an object with `server` or `name` and `tools`"
                )
            yield name, entry, f"[{number}]"
    else:
        yield path.stem, content, ""


def _skills(path: Path, server: str, answer: Any, where: str) -> list[Skill]:
    if isinstance(answer, dict) and isinstance(answer.get("result"), dict):
        answer = answer["result"]
    if isinstance(answer, dict) and answer.get("nextCursor"):
        raise SourceError(
            path, where, "must hold every page of the answer; `nextCursor` names one that is missing"
        )
    listed = answer.get("tools") if isinstance(answer, dict) else answer
    if not isinstance(listed, list):
        raise SourceError(path, where, "must be a tools/list answer: an object with a list `tools`")
    try:
        tools = msgspec.convert(listed, list[_Tool])
        return [_skill(server, tool) for tool in tools]
    except ValueError as error:  # ValidationError of msgspec, RecordError of the skill: both name the rule
        raise SourceError(path, f"{where}.tools".lstrip("."), str(error)) from error


def _skill(server: str, tool: _Tool) -> Skill:
    return Skill(
        skill_id=f"{server}/{tool.name}",
        domain=server,
        name=tool.title or tool.name,
        description=tool.description,
        intents=(Intent(name=tool.name, slots=tuple(tool.input_schema.properties)),),
    )
