"""The tools of the simulated agents, in the forms in which the API sends them.

The fields are the SDK's (`seekrai.types.tools`: type, id, name, description, config with upper-case keys). On runs,
where the API documents free-form objects, each tool also has the JSON schema of its arguments.
"""

from __future__ import annotations

from typing import Any

from flowtui.simulator.world.catalogue import TOOLS

Tool = dict[str, Any]


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
    """Return a tool as the v1 agents' endpoint sends it: the kind as its name, the config as `tool_env`."""
    env = {key.lower(): value for key, value in shown["config"].items()}
    return {"id": shown["id"], "name": shown["type"], "description": shown["description"], "tool_env": env}


def tool_name(kind: str) -> str:
    """Return the name that the calls of a kind of tool have."""
    return str(TOOLS[kind]["name"])
