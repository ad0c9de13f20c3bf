"""The tools of the simulated agents, one for each kind that the API has.

The fields are the SDK's (`seekrai.types.tools`: type, id, name, description, config with upper-case keys). On runs,
where the API documents free-form objects, each tool also has the JSON schema of its arguments.
"""

from __future__ import annotations

from typing import Any, Final

Tool = dict[str, Any]


def _schema(required: str, **properties: tuple[str, str]) -> Tool:
    fields = {name: {"type": kind, "description": text} for name, (kind, text) in properties.items()}
    return {"type": "object", "properties": fields, "required": [required], "additionalProperties": False}


_TOOLS: Final[dict[str, tuple[str, str, Tool, Tool]]] = {
    "file_search": (
        "handbook_search",
        "Searches the handbook and the policies of the current year. Returns passages with their section numbers.",
        {
            "FILE_SEARCH_INDEX": "policies-2026",
            "EMBEDDING_MODEL": "intfloat/e5-mistral-7b-instruct",
            "TOP_K": 8,
            "SCORE_THRESHOLD": 0.35,
        },
        _schema(
            "query", query=("string", "What to look for"), section=("string", "Limits the search, e.g. 4.2")
        ),
    ),
    "web_search": (
        "web_search",
        "Searches the public web. For carriers, public holidays and exchange rates; never for customers.",
        {},
        _schema("query", query=("string", "Search words"), freshness_days=("integer", "At most this old")),
    ),
    "run_python": (
        "run_python",
        "Runs Python 3.12 in a sandbox without network. `reconcile` and `business_days` are preloaded.",
        {"FUNCTION_IDS": ["fn_reconcile_v3", "fn_business_days"]},
        _schema(
            "code", code=("string", "The program; print what is wanted"), timeout_s=("number", "At most 20")
        ),
    ),
    "agent_as_tool": (
        "ask_colleague",
        "Hands a question to another agent and waits for its answer. One hand-over a run.",
        {"AGENT_ID": ""},
        _schema(
            "hand_over", hand_over=("string", "At most 60 words"), urgent=("boolean", "Pages a human too")
        ),
    ),
    "mcp_connector": (
        "crm",
        "CRM, orders and payments through the company's MCP server: accounts.search, orders.get, refunds.create …",
        {
            "URL": "https://mcp.internal.example/crm/v2",
            "AUTHORIZATION_URL": "https://login.internal.example/authorize",
            "TRANSPORT": "streamable-http",
        },
        _schema(
            "operation", operation=("string", "e.g. accounts.search"), arguments=("object", "Passed on as is")
        ),
    ),
}


def tool(kind: str, tool_id: str, *, colleague: str) -> Tool:
    """Return a tool as the v2 agents' endpoint sends it. `colleague` is the id of the agent that agent_as_tool calls."""
    name, description, config, _ = _TOOLS[kind]
    config = {**config, "AGENT_ID": colleague} if kind == "agent_as_tool" else dict(config)
    return {"type": kind, "id": tool_id, "name": name, "description": description, "config": config}


def tool_on_run(shown: Tool) -> Tool:
    """Return a tool as a run has it: with the schema of its arguments."""
    return {**shown, "parameters": _TOOLS[shown["type"]][3]}


def tool_v1(shown: Tool) -> Tool:
    """Return a tool as the v1 agents' endpoint sends it: the kind as its name, the config as `tool_env`."""
    env = {key.lower(): value for key, value in shown["config"].items()}
    return {"id": shown["id"], "name": shown["type"], "description": shown["description"], "tool_env": env}


def tool_name(kind: str) -> str:
    """Return the name that the calls of a kind of tool have."""
    return _TOOLS[kind][0]
