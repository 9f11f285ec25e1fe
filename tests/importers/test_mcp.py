import json
from pathlib import Path

import pytest

from components.importers import SourceError
from components.importers.mcp import Mcp

GET = {
    "name": "get_forecast",
    "title": "Forecast",
    "description": "Weather to come",
    "inputSchema": {
        "type": "object",
        "properties": {"city": {"type": "string"}, "days": {}},
        "required": ["city"],
    },
}
PING = {"name": "ping"}


def write(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content))
    return path


def test_one_answer_takes_the_name_of_its_file(tmp_path):
    (skill,) = Mcp(write(tmp_path / "weather.json", {"tools": [GET]})).skills()
    assert (skill.skill_id, skill.domain, skill.name) == ("weather/get_forecast", "weather", "Forecast")
    assert skill.description == "Weather to come"
    assert skill.intents[0].name == "get_forecast"
    assert skill.intents[0].slots == ("city", "days")


@pytest.mark.parametrize(
    "content",
    [
        {"servers": {"a": {"tools": [GET]}, "b": [PING]}},
        {"servers": {"a": {"result": {"tools": [GET]}}, "b": {"tools": [PING], "nextCursor": None}}},
        [
            {"server": "a", "tools": [GET]},
            {"name": "b", "jsonrpc": "2.0", "id": 1, "result": {"tools": [PING]}},
        ],
    ],
)
def test_several_servers_in_each_form(tmp_path, content):
    skills = Mcp(write(tmp_path / "all.json", content)).skills()
    assert [(skill.skill_id, skill.domain) for skill in skills] == [("a/get_forecast", "a"), ("b/ping", "b")]


def test_a_folder_holds_a_server_per_file(tmp_path):
    write(tmp_path / "b.json", {"result": {"tools": [PING]}})
    write(tmp_path / "a.json", {"tools": [GET]})
    source = Mcp(tmp_path)
    assert [skill.domain for skill in source.skills()] == ["a", "b"]
    assert list(source.requests()) == []


def test_wrong_files_say_where(tmp_path):
    with pytest.raises(SourceError, match=r"must hold \*.json"):
        Mcp(tmp_path)
    with pytest.raises(SourceError, match=r"gone.json: must be there"):
        Mcp(tmp_path / "gone.json")
    path = tmp_path / "x.json"
    for content, told in (
        ({"tool": []}, "an object with a list `tools`"),
        ({"tools": [{}]}, r"tools: .*name.* - at `\$\[0\]`"),
        ({"tools": [PING, PING]}, "tool 'x/ping' must be listed once"),
        ({"tools": [PING], "nextCursor": "2"}, "`nextCursor` names one that is missing"),
        ([{"tools": []}], r"\[0\]: must be an object with `server` or `name`"),
        ({"tools": [{"name": ""}]}, r"tools: .*length >= 1"),
    ):
        write(path, content)
        with pytest.raises(SourceError, match=told):
            Mcp(path)
