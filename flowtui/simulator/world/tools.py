"""The tools of the simulated agents, in the forms in which the API sends them.

The fields are the SDK's (`seekrai.types.tools`: type, id, name, description, config with upper-case keys). On runs,
where the API documents free-form objects, each tool also has the JSON schema of its arguments.
"""

from __future__ import annotations

from typing import Any, Final

from flowtui.simulator.world.catalogue import TOOLS

Tool = dict[str, Any]

_DESCRIPTIONS: Final = {
    "file_search": "document_tool_desc",
    "run_python": "run_python_tool_desc",
    "web_search": "web_search_tool_description",
}
"""Of version 1: the name of the description in `tool_env`, by kind of tool."""
_NEWER: Final = frozenset({"EMBEDDING_MODEL"})
"""The keys of `config` that version 1 does not have."""


def tool(kind: str, tool_id: str, *, colleague: str) -> Tool:
    """Return a tool as the v2 agents' endpoint sends it. `colleague` is the id of the agent that agent_as_tool calls."""
    known = TOOLS[kind]
    config = known["config"] | ({"AGENT_ID": colleague} if kind == "agent_as_tool" else {})
    return {
        "type": kind,
        "id": tool_id,
        "name": known["name"],
        "description": known["description"],
        "config": config,
    }


def tool_on_run(shown: Tool) -> Tool:
    """Return a tool as a run has it: with the schema of its arguments."""
    fields = TOOLS[shown["type"]]["parameters"]
    schema = {
        "type": "object",
        "properties": fields,
        "required": [*fields][:1],
        "additionalProperties": False,
    }
    return {**shown, "parameters": schema}


def tool_v1(shown: Tool) -> Tool:
    """Return a tool as the v1 agents' endpoint sends it: the kind as its name, the config as `tool_env`.

    The description is in `tool_env`, under a name of its own for each kind; agent_as_tool has it, and the id of the other
    agent, beside an empty `tool_env` (official SDK 0.27.0).
    """
    kind, description = shown["type"], shown["description"]
    older = {"id": shown["id"], "name": kind}
    if kind == "agent_as_tool":
        return {**older, "description": description, "agent_id": shown["config"]["AGENT_ID"], "tool_env": {}}
    env = {key.lower(): value for key, value in shown["config"].items() if key not in _NEWER}
    if kind in _DESCRIPTIONS:
        env[_DESCRIPTIONS[kind]] = description
    return {**older, "tool_env": env}


def tool_name(kind: str) -> str:
    """Return the name that the calls of a kind of tool have."""
    return str(TOOLS[kind]["name"])
