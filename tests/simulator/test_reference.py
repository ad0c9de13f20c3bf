"""The simulator's answers against the reference document of the API, with the ids that exist; `.ci/schemathesis` finds more."""

from collections import defaultdict

import httpx
import openapi_spec_validator
import pytest
import schemathesis
from schemathesis.core.failures import Failure, FailureGroup

from flowtui.simulator.document import document
from flowtui.simulator.server import Simulator
from flowtui.simulator.world.scenario import ID_STYLES

from .reference import NOT_SERVED, narrow, reference

THREADS, AGENTS, SPANS = "/v1/threads", "/v2/flow/agents/", "/v1/observability/spans"
THREAD = f"{THREADS}/{{thread_id}}"
RUN, MESSAGE = f"{THREAD}/runs/{{run_id}}", f"{THREAD}/messages/{{message_id}}"
EVERYTHING = {"min_start_datetime": "2000-01-01T00:00:00Z", "limit": 2000}
STEP = 9  # of the long lists, every ninth element is read alone, too

NOT_SENT = {"MessagePart": {"input", "input_ref", "url"}}
"""What the reference has and the simulator never sends, by schema: tool calls have `args`, files have a `file_id`."""


class Walk:
    """Reads a simulator over HTTP, checks each answer, and keeps the objects by their schema."""

    def __init__(self, api):
        self._api = api
        self._schema = schemathesis.openapi.from_dict(narrow(reference()))
        self.seen = set()
        self.objects = defaultdict(list)

    def ask(self, template, method="GET", *, status=200, content=None, headers=None, query=(), **path):
        """Send one request, check the answer against the reference, and return its JSON, or its text."""
        target = template.format(**path)
        answer = self._api.request(method, target, params=dict(query), json=content, headers=headers)
        assert answer.status_code == status, target
        self._schema[template][method].validate_response(answer)
        self.seen.add((method, template, status))
        is_json = answer.headers["content-type"] == "application/json"
        return answer.json() if is_json else answer.text

    def keep(self, schema, found):
        self.objects[schema] += found
        return found

    def everything(self):
        """Read every list, and objects of each list alone; a list has the same objects."""
        for thread in self.keep("Thread", self.ask(THREADS, query={"limit": 2000})):
            ids = {"thread_id": thread["id"]}
            assert self.ask(THREAD, **ids) == thread
            for run in self.keep("Run", self.ask(f"{THREAD}/runs", query={"limit": 2000}, **ids)):
                assert self.ask(RUN, run_id=run["id"], **ids) == run
            query = {"limit": 2000, "include_parts": "true"}
            messages = self.keep("ThreadMessage", self.ask(f"{THREAD}/messages", query=query, **ids))
            for message in messages[::STEP]:
                assert self.ask(MESSAGE, query=query, message_id=message["id"], **ids) == message
        self.keep("MessagePart", [part for each in self.objects["ThreadMessage"] for part in each["parts"]])
        for agent in self.keep("Agent", self.ask(AGENTS)["data"]):
            assert self.ask(f"{AGENTS}{{agent_id}}", agent_id=agent["id"]) == agent
        self.ask("/v1/flow/agents/")
        for span in self.keep("SpanSummary", self.ask(SPANS, "POST", content=EVERYTHING))[::STEP]:
            assert self.ask(f"{SPANS}/{{span_id}}", span_id=span["span_id"]).items() >= span.items()
        assert self.ask(f"{SPANS}/{{span_id}}", span_id="unknown") is None

    def streams(self):
        """Read the event streams of some runs that have ended, and cancel one that has not."""
        ended = [run for run in self.objects["Run"] if run["completed_at"] or run["failed_at"]]
        for run in ended[::STEP]:
            text = self.ask(f"{RUN}/attach", thread_id=run["thread_id"], run_id=run["id"])
            assert text.endswith("data: [DONE]\n\n")
        active = next(run for run in self.objects["Run"] if run["status"] == "running")
        ids = {"thread_id": active["thread_id"], "run_id": active["id"]}
        self.ask(f"{RUN}/cancel", "POST", content={"agent_id": active["agent_id"], "group": None}, **ids)
        ids = {"thread_id": ended[0]["thread_id"], "run_id": ended[0]["id"]}
        self.ask(f"{RUN}/cancel", "POST", status=409, content={}, **ids)

    def refusals(self):
        """Ask what is refused: with a wrong key, for what does not exist, with what is not allowed."""
        self.ask(THREADS, status=401, headers={"Authorization": "wrong"})
        self.ask(THREADS, status=422, query={"limit": "-1"})
        self.ask(SPANS, "POST", status=422, content={"order": "odd"})
        unknown = {"thread_id": "x", "run_id": "x", "message_id": "x"}
        for template in (THREAD, f"{THREAD}/runs", RUN, f"{RUN}/attach", f"{THREAD}/messages", MESSAGE):
            self.ask(template, status=404, **unknown)
        self.ask(f"{AGENTS}{{agent_id}}", status=404, agent_id="x")


def test_the_reference_is_a_valid_document():
    openapi_spec_validator.validate(reference())


# The walk with UUIDs sees the same; with short ids, only the paths and fields of ids have other text.
@pytest.mark.parametrize(
    "ids", [pytest.param(ids, marks=[] if ids == "uuid" else pytest.mark.slow) for ids in ID_STYLES]
)
def test_each_list_object_stream_and_refusal_is_as_in_the_reference(clock, ids):
    with (
        Simulator(clock=clock, key="k", runs=60, ids=ids) as running,
        httpx.Client(base_url=running.url, headers={"Authorization": "k"}, timeout=30, verify=False) as api,
    ):
        walk = Walk(api)
        walk.everything()
        walk.streams()
        walk.refusals()
    served = {(method, path) for method, path, status in walk.seen if status == 200}
    assert served == {
        (method.upper(), path)
        for path, methods in reference()["paths"].items()
        if path not in NOT_SERVED
        for method in methods
    }
    for name, found in walk.objects.items():
        sent = {field for each in found for field in each}
        documented = set(reference()["components"]["schemas"][name]["properties"])
        assert sent == documented - NOT_SENT.get(name, set()), name


@pytest.mark.parametrize(
    ("fault", "template"),
    [
        ("missing-status", f"{THREAD}/runs"),
        ("upper-status", f"{THREAD}/runs"),
        ("epoch-times", f"{THREAD}/runs"),
        ("null-elements", f"{THREAD}/runs"),
        ("null-id@messages", f"{THREAD}/messages"),
    ],
)
def test_a_wrong_shape_is_noticed(simulator, api, fault, template):
    simulator.add_fault(fault)
    walk = Walk(api)
    with pytest.raises((Failure, FailureGroup)):
        walk.ask(template, thread_id=simulator.thread_ids()[0])


def plain(schema):
    """Return a schema without what is only text."""
    if isinstance(schema, dict):
        return {name: plain(value) for name, value in schema.items() if name != "description"}
    return [plain(each) for each in schema] if isinstance(schema, list) else schema


def test_the_simulators_own_document_says_the_same():
    own, known = (each["components"]["schemas"] for each in (document(), narrow(reference())))
    differing = {name for name in own.keys() & known.keys() if plain(own[name]) != plain(known[name])}
    # Cancelling and a 422 answer with no less than what the simulator always sends; the order of spans is written out.
    assert differing == {"CancelResult", "HTTPValidationError", "SpanQuery"}
    assert own.keys() - known.keys() == {"Span"}
