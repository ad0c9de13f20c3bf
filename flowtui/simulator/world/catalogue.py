"""Data of the simulated world: agents, models, errors, customers, questions and answers.

The system prompts are in `instructions.py`, the tools in `tools.py`. Nothing here depends on a seed.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Agent(NamedTuple):
    """An agent.

    `tools`: kinds of tools from `tools.py`.
    `effort`: the reasoning effort, as the API names it.
    `deployed`: how many hours before the start of the world the agent was last deployed.
    """

    name: str
    model: str
    tools: tuple[str, ...]
    effort: str
    deployed: float


class Error(NamedTuple):
    """An error that ends a run: the tool that raised the error ("" if the model did), the exception type and its text."""

    tool: str
    type: str
    text: str


AGENTS: Final = (
    Agent("triage", "meta-llama/Llama-3.1-8B-Instruct", ("agent_as_tool", "file_search"), "low", 3.5),
    Agent(
        "checkout",
        "meta-llama/Llama-3.3-70B-Instruct",
        ("mcp_connector", "run_python", "file_search"),
        "medium",
        0.4,
    ),
    Agent(
        "support",
        "Qwen/Qwen3-32B",
        ("file_search", "web_search", "agent_as_tool", "mcp_connector"),
        "medium",
        26,
    ),
    Agent("billing", "deployment-5f0c7a9e1b22", ("run_python", "mcp_connector", "file_search"), "high", 71),
    Agent("refunds", "mistralai/Mistral-Small-3.2-24B", ("mcp_connector", "agent_as_tool"), "medium", 140),
    Agent(
        "research",
        "deepseek-ai/DeepSeek-R1-Distill-Llama-70B",
        ("web_search", "file_search", "run_python", "agent_as_tool", "mcp_connector"),
        "performance_optimized",
        502,
    ),
    Agent("多言語-concierge", "openai/gpt-oss-120b", ("web_search", "file_search"), "speed_optimized", 12),
)

TRIAGE: Final = 0
"""The agent of the one thread that always has an active run."""

ERRORS: Final = (
    Error(
        "mcp_connector", "HTTPStatusError", "crm 502: upstream answered Bad Gateway to GET /accounts/search"
    ),
    Error("mcp_connector", "ConnectTimeout", "payments: no connection to psp-eu-2:443 within 10 s"),
    Error("file_search", "IndexNotReadyError", "file_search: index `policies-2026` is being rebuilt"),
    Error(
        "run_python",
        "ValueError",
        "run_python: reconcile() line 41: totals differ by 0.02 EUR after 3 passes",
    ),
    Error("web_search", "RateLimitError", "web_search 429: quota of 60 queries a minute is used up"),
    Error("agent_as_tool", "AgentUnavailableError", "agent_as_tool: agent `refunds` is Updating"),
    Error("", "ContextLengthError", "the prompt has 131,904 tokens, the model takes 131,072"),
)

RELEASE_ERROR: Final = len(ERRORS)
"""Index in `ALL_ERRORS` of the error that only a bad release causes."""

ALL_ERRORS: Final = (
    *ERRORS,
    Error("run_python", "KeyError", "run_python: 'tax_rate' is not in the order (pricing.py line 88)"),
)

CUSTOMERS: Final = (
    "acme",
    "northwind",
    "globex",
    "initech",
    "umbrella",
    "hooli",
    "Müller & Söhne",
    "株式会社さくら",
    "Ångström AB",
)
REGIONS: Final = ("eu-west-1", "us-east-1", "ap-northeast-1")
ENVIRONMENTS: Final = ("prod", "prod", "prod", "staging")
RELEASES: Final = ("2026.11.2", "2026.11.3", "2026.11.3-hotfix1")

QUESTIONS: Final = (
    "Customer {customer} says the voucher SPRING-25 is refused at checkout. Why, and what do we answer?",
    "Please refund order 88-{ticket} for {customer}; the parcel came back undelivered.",
    "Which invoices of {customer} are overdue by more than 30 days? Draft one friendly reminder for each.",
    "The webhook for {customer} has sent nothing since 04:00 UTC. Find out what changed.",
    'Route ticket {ticket}: "I was charged twice 😡 and nobody answers" ({customer})',
    "お客様({customer})から請求書の宛名変更の依頼です。手順を確認して返信案を作ってください。",
    "Summarise the last five conversations with {customer} and name the open promises.",
    "Compare our return policy with the one {customer} quotes and tell me who is right.",
)
ANSWERS: Final = (
    (
        "Done. **Order 88-{ticket}** was found, the amount is within policy, and the customer has been told. "
        "The refund will show within 3 to 5 working days."
    ),
    (
        "The voucher is valid, but the basket holds a *pre-order* article, and those are excluded (policy 4.2). "
        "Proposed answer is attached; no change in the shop is needed."
    ),
    (
        "Three invoices are overdue. Drafts are in the outbox, nothing has been sent:\n\n"
        "1. INV-{ticket}-1, 41 days\n2. INV-{ticket}-2, 36 days\n3. INV-{ticket}-3, 33 days"
    ),
    "The ticket goes to **billing**, priority high: a double charge with a matching ledger entry. ✅",
    "宛名変更は請求書の再発行で対応できます。返信案を下書きに保存しました。",
)
THOUGHTS: Final = (
    "The order number is in the ticket, so the account can be looked up directly; no need to ask again.",
    "Two sources disagree on the date. The ledger is authoritative, the mail is not.",
    "The tool answered slowly but it answered. One more call and the totals can be compared.",
)
