"""The parts of messages, chosen by the random bits of their run. Pure; ids and times are added in `messages.py`.

Each kind of part that the API documents occurs: text, reasoning, file, data, tool-call, tool-error, tool-result. Some
large values come as a reference (`args_ref`, `output_ref`, `data_ref`), in the documented shape. The output of a
guardrail is in the content of a message (official SDK: `OutputGuardrail`).
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any, Final

from flowtui.simulator.world import catalogue
from flowtui.simulator.world.catalogue import AGENTS
from flowtui.simulator.world.timeline import Plan
from flowtui.simulator.world.tools import tool_name

Part = dict[str, Any]

_PREVIEW: Final = 400  # most characters of a preview
_CODE: Final = """\
from reconcile import totals

rows = totals(ticket={ticket}, currency="EUR")
print(f"{{len(rows)}} rows, difference {{sum(row.amount for row in rows):.2f}}")
"""


def question(bits: int) -> list[Part]:
    """Return the parts of the user's question; in one of six with a file."""
    text = catalogue.QUESTIONS[bits // 11 % len(catalogue.QUESTIONS)]
    customer = catalogue.CUSTOMERS[bits // 101 % len(catalogue.CUSTOMERS)]
    parts: list[Part] = [{"type": "text", "text": text.format(customer=customer, ticket=_ticket(bits))}]
    if bits // 17 % 6 == 0:
        parts.append(
            {
                "type": "file",
                "file_id": f"file_{bits:08x}",
                "mime_type": "application/pdf",
                "detail": None,
                "metadata": {
                    "filename": f"invoice-{_ticket(bits)}.pdf",
                    "size_bytes": bits % 900_000 + 9_000,
                },
            }
        )
    return parts


def work(plan: Plan, agent: int, step: int, *, last: bool, returned: bool) -> list[Part]:
    """Return the parts of one step: reasoning, a tool call, and the result of the call.

    `step`: the number of the step in its run, from 0.
    `last`: whether it is the last step of the run.
    `returned`: whether the call has a result yet.
    """
    bits = plan.choices.bits
    kinds = AGENTS[agent].tools
    kind = kinds[(bits + step) % len(kinds)]
    mixed = bits // 3 + step * 7
    call: Part = {
        "tool_name": tool_name(kind),
        "tool_call_id": f"call_{(bits + step * 0x9E3779B1) % 2**32:08x}",
    }
    parts: list[Part] = []
    if mixed % 4 != 1:
        thoughts = [
            catalogue.THOUGHTS[(bits + place) % len(catalogue.THOUGHTS)]
            for place in range(7 if mixed % 5 == 0 else 1)
        ]
        parts.append({"type": "reasoning", "text": "\n\n".join(thoughts)})
    said = catalogue.ANNOUNCEMENTS[(bits + step) % len(catalogue.ANNOUNCEMENTS)]
    if said:
        parts.append({"type": "text", "text": said})
    args = _args(kind, bits, step)
    if kind == "agent_as_tool" and mixed % 5 == 2:
        sent = {"args": None, "args_ref": reference(bits, 18_311, "application/json", json.dumps(args))}
    else:
        sent = {"args": args}
    parts.append({"type": "tool-call", **call, **sent})
    if returned:
        # A tool error that a later call corrects; the reason of a failed run is in its last message.
        failed_once = plan.outcome == "completed" and not last and mixed % 7 == 3
        parts.append(
            {
                "type": "tool-result",
                **call,
                **(_tool_error(kind) if failed_once else _output(kind, bits, step)),
            }
        )
    return parts


def answer(plan: Plan, agent: int) -> list[Part]:
    """Return the parts of the last message: the answer, or the error and an apology."""
    bits = plan.choices.bits
    if plan.outcome == "completed":
        text = catalogue.ANSWERS[bits // 13 % len(catalogue.ANSWERS)].format(ticket=_ticket(bits))
        if bits // 5 % 9 == 0:
            text = "\n\n".join(
                [text, "## What I looked at", *(f"- § {line}" for line in [*catalogue.POLICY] * 6), text]
            )
        parts: list[Part] = [{"type": "text", "text": text}]
        if bits // 7 % 5 == 0:
            rows = [{"invoice": f"INV-{_ticket(bits)}-{row}", "days": 41 - row * 4} for row in range(1, 4)]
            parts.append({"type": "data", "data_type": "table", "data": {"title": "Overdue", "rows": rows}})
        elif bits // 7 % 5 == 1:
            lines = "".join(f"INV-{_ticket(bits)}-{row};{row * 7}\n" for row in range(1, 40))
            parts.append(
                {
                    "type": "data",
                    "data_type": "csv",
                    "data": None,
                    "data_ref": reference(bits, 61_204, "text/csv", lines),
                }
            )
        return parts
    error = catalogue.ALL_ERRORS[plan.choices.error]
    apology = {"type": "text", "text": f"I could not finish this: {error.text}"}
    if not error.tool:
        return [apology]
    call: Part = {"tool_name": tool_name(error.tool), "tool_call_id": f"call_{bits ^ 0xFFFFFFFF:08x}"}
    return [
        {"type": "tool-call", **call, "args": {"agent": AGENTS[agent].name}},
        {"type": "tool-error", **call, "error_text": error.text},
        apology,
    ]


def content(plan: Plan, parts: list[Part]) -> list[Part]:
    """Return the content of the last message, whose parts are given; in some messages it is the output of a guardrail."""
    bits = plan.choices.bits
    text = next((part["text"] for part in parts if part["type"] == "text"), "")
    if plan.outcome == "completed" and bits // 19 % 8 == 0:
        rule = {"name": "personal data", "triggered": True, "action": "masked", "matches": bits % 3 + 1}
        return [{"type": "output_guardrail", "text": text, "guardrail": [rule]}]
    return [{"type": "output_text", "text": text, "annotations": []}]


def reference(bits: int, size: int, mime_type: str, whole: str) -> Part:
    """Return a reference to a payload of `size` bytes that begins with `whole`, of which at most 400 characters are sent."""
    return {
        "object_id": f"obj_{bits:08x}",
        "size_bytes": size,
        "mime_type": mime_type,
        "sha256": sha256(whole.encode()).hexdigest(),
        "preview_text": whole[:_PREVIEW],
        "truncated": size > _PREVIEW,
    }


def _ticket(bits: int) -> int:
    return bits % 90_000 + 10_000


def _args(kind: str, bits: int, step: int) -> Part:
    ticket = _ticket(bits)
    made: dict[str, Part] = {
        "file_search": {"query": f"voucher rules, ticket {ticket}", "section": f"{bits % 9 + 1}.{step % 5}"},
        "web_search": {"query": f"ticket {ticket}", "freshness_days": (1, 7, 30)[step % 3]},
        "run_python": {"code": _CODE.format(ticket=ticket), "timeout_s": 20},
        "agent_as_tool": {
            "hand_over": f"Ticket {ticket}: please check the refund.",
            "urgent": bits % 5 == 0,
        },
        "mcp_connector": {
            "operation": ("accounts.search", "orders.get", "refunds.list")[(bits + step) % 3],
            "arguments": {"order": f"88-{ticket}", "fields": ["status", "amount", "events"], "limit": 20},
        },
    }
    return made[kind]


def _output(kind: str, bits: int, step: int) -> Part:
    mixed = bits + step
    if kind == "mcp_connector" and mixed % 9 == 0:
        rows = [{"id": f"acc_{bits:08x}", "row": row, "state": "open"} for row in range(40)]
        found = json.dumps({"rows": 81_204, "accounts": rows})
        return {
            "output": None,
            "output_ref": reference(bits, 4_812_904, "application/json", found),
            "is_error": False,
        }
    passages = [
        {"section": line[:3], "score": 0.93 - n * 0.11, "text": line[4:]}
        for n, line in enumerate(catalogue.POLICY)
    ]
    made: dict[str, Any] = {
        "file_search": {"passages": passages, "took_ms": mixed % 900 + 80},
        "web_search": {"rows": mixed % 40, "took_ms": mixed % 900 + 80},
        "run_python": f"{mixed % 40} rows, difference 0.02\n",
        "agent_as_tool": "The refund is on its way; the ledger has the entry.\nNothing else is open for this customer.",
        "mcp_connector": {
            "rows": mixed % 40,
            "account": {"id": f"acc_{bits:08x}", "tier": ("basic", "plus")[mixed % 2], "locale": "de-DE"},
            "events": [
                {"at": f"2026-11-{day:02d}", "what": "parcel scanned"} for day in range(1, 4 + mixed % 9)
            ],
        },
    }
    return {"output": made[kind], "is_error": False}


def _tool_error(kind: str) -> Part:
    text = next(error.text for error in catalogue.ERRORS if error.tool == kind)
    return {"output": None, "is_error": True, "error_text": text}
