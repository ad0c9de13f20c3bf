"""Messages and spans belong to their runs and are sorted by time."""

from datetime import UTC, datetime

import pytest

SPANS = "/v1/observability/spans"
LONG_AGO = "2000-01-01T00:00:00Z"


def busy(simulator):
    return max(simulator.thread_ids(), key=lambda thread: len(simulator.run_ids(thread)))


@pytest.mark.parametrize("limit", [1, 7, 100])
def test_pages_of_messages_together_are_all_messages_in_order_of_time(clock, simulator, api, limit):
    clock.now += 100
    path = f"/v1/threads/{busy(simulator)}/messages"
    whole = api.get(path, params={"limit": 10_000}).json()
    times = [message["created_at"] for message in whole]
    assert times == sorted(times, reverse=True)
    assert len({message["id"] for message in whole}) == len(whole) > 30
    joined = []
    while page := api.get(path, params={"limit": limit, "offset": len(joined)}).json():
        joined += page
    assert joined == whole
    assert api.get(path, params={"limit": 10_000, "order": "asc"}).json() == whole[::-1]


def test_every_message_can_be_read_by_id_and_names_its_run_unless_a_user_wrote_it(simulator, api):
    thread = busy(simulator)
    path = f"/v1/threads/{thread}/messages"
    messages = api.get(f"{path}?include_parts=true&limit=30").json()
    for message in messages:
        assert api.get(f"{path}/{message['id']}?include_parts=true").json() == message
        assert message["role"] == ("user" if message["agent_id"] is None else "assistant")
        assert message["run_id"] in ([None] if message["role"] == "user" else simulator.run_ids(thread))
    simulator.add_fault("user-run-id")
    created = {run: api.get(f"/v1/threads/{thread}/runs/{run}").json() for run in simulator.run_ids(thread)}
    named = api.get(f"{path}?limit=30").json()
    assert [message["role"] for message in named].count("user") > 2
    for message in named:
        assert created[message["run_id"]]["created_at"] <= message["created_at"]
        if message["role"] == "user":
            assert created[message["run_id"]]["created_at"] == message["created_at"]


def test_references_and_guardrails_have_their_documented_shape(clock, simulator, api):
    """Shapes: the official SDK's `OutputGuardrail`, and the contract's list of a reference's fields."""
    clock.now += 2400
    refs, outputs = {}, []
    for thread in simulator.thread_ids():
        for message in api.get(f"/v1/threads/{thread}/messages?include_parts=true&limit=9999").json():
            for part in message["parts"]:
                refs |= {name: (part, part[name]) for name in part if name.endswith("_ref")}
            content = message["content"] if isinstance(message["content"], list) else []
            outputs += [item for item in content if item["type"] == "output_guardrail"]
    assert refs.keys() == {"args_ref", "output_ref", "data_ref"}
    for name, (part, ref) in refs.items():
        assert part[name.removesuffix("_ref")] is None
        assert ref.keys() == {
            *("object_id", "size_bytes", "mime_type", "sha256", "preview_text", "truncated")
        }
        assert ref["truncated"] is (ref["size_bytes"] > len(ref["preview_text"]))
    assert outputs
    assert all(output["text"] and isinstance(output["guardrail"], list) for output in outputs)


@pytest.mark.parametrize(
    ("fault", "shape"),
    [
        ("short-refs", {"id", "bytes"}),
        ("bare-refs", {"object_id", "size_bytes", "truncated"}),
        ("scalar-refs", None),
    ],
)
def test_references_of_other_shapes(clock, simulator, api, fault, shape):
    clock.now += 1200
    simulator.add_fault(fault)
    seen = []
    for thread in simulator.thread_ids():
        for message in api.get(f"/v1/threads/{thread}/messages?include_parts=true&limit=9999").json():
            seen += [part[name] for part in message["parts"] for name in part if name.endswith("_ref")]
    assert seen
    assert all(isinstance(ref, str) if shape is None else ref.keys() == shape for ref in seen)


def test_faults_in_parts_and_links_of_messages(clock, simulator, api):
    clock.now += 1200

    def read(*faults):
        simulator.clear_faults()
        for fault in faults:
            simulator.add_fault(fault)
        return [
            message
            for thread in simulator.thread_ids()
            for message in api.get(f"/v1/threads/{thread}/messages?include_parts=true&limit=999").json()
        ]

    assert {message["run_id"] for message in read("no-run-id")} == {None}
    parts = [part for message in read("referenced-errors") for part in message["parts"]]
    failed = [part for part in parts if part.get("is_error")]
    assert failed
    assert all("error_text" not in part for part in parts)
    assert all(part["output_ref"]["preview_text"] for part in failed)
    types = {part["type"] for message in read("guardrail-parts") for part in message["parts"]}
    assert "output_guardrail" in types
    items = [
        item
        for message in read("scalar-guardrail")
        if isinstance(message["content"], list)
        for item in message["content"]
    ]
    assert "blocked" in [item.get("guardrail") for item in items]


def test_a_failed_run_has_its_reason_in_message_parts_and_in_an_exception_span(clock, simulator, api):
    clock.now += 1200
    kinds, reasons = set(), 0
    for thread in simulator.thread_ids():
        messages = api.get(f"/v1/threads/{thread}/messages?include_parts=true&limit=500").json()
        for message in messages:
            kinds |= {part["type"] for part in message["parts"]}
            for part in message["parts"]:
                if part["type"] == "tool-error":
                    query = {"run_id": message["run_id"], "min_start_datetime": LONG_AGO}
                    spans = api.post(SPANS, json=query).json()
                    (exception,) = [span for span in spans if span["is_exception"]]
                    assert exception["message"] == part["error_text"]
                    assert exception["exception_type"]
                    reasons += 1
    assert reasons
    assert kinds == {"text", "reasoning", "file", "data", "tool-call", "tool-result", "tool-error"}


def test_a_conversation_has_every_kind_of_part(clock, simulator, api):
    clock.now += 600
    thread = max(simulator.thread_ids(), key=lambda one: len(simulator.run_ids(one)))
    messages = api.get(f"/v1/threads/{thread}/messages?include_parts=true&limit=10000").json()
    assert len(messages) > 100
    parts = [part for message in messages for part in message["parts"]]
    calls = [part["tool_call_id"] for part in parts if part["type"] == "tool-call"]
    results = [part for part in parts if part["type"] in {"tool-result", "tool-error"}]
    assert len(set(calls)) == len(calls)
    assert {part["tool_call_id"] for part in results} <= set(calls)
    survived = [part for part in results if part["type"] == "tool-result" and part["is_error"]]
    assert survived
    assert all(part["error_text"] for part in survived)
    assert {type(part.get("output")) for part in results} >= {str, dict, type(None)}
    assert max(len(part.get("text", "")) for part in parts) > 500


def test_a_tool_call_gets_its_result_later_in_the_same_message(clock, simulator, api):
    def work():
        found = {}
        for thread in simulator.thread_ids():
            for message in api.get(f"/v1/threads/{thread}/messages?include_parts=true&limit=50").json():
                found[message["id"]] = [part["type"] for part in message["parts"]]
        return found

    before = work()
    waiting = [key for key, kinds in before.items() if kinds[-1] == "tool-call"]
    for _ in range(40):
        clock.now += 1
        after = work()
        if any(after.get(key) == [*before[key], "tool-result"] for key in waiting):
            return
        before, waiting = after, [key for key, kinds in after.items() if kinds[-1] == "tool-call"]
    pytest.fail("no call ever got its result")


@pytest.mark.parametrize("fault", ["text-escape", "text-rtl", "text-markup", "text-long", "text-nul"])
def test_hostile_text_is_in_the_shown_texts_of_messages(simulator, api, fault):
    path = f"/v1/threads/{busy(simulator)}/messages?include_parts=true&limit=10"
    clean = api.get(path).json()
    simulator.add_fault(f"{fault}@messages")
    spoilt = api.get(path).json()
    for message, other in zip(clean, spoilt, strict=True):
        assert other["id"] == message["id"]
        for part, bad in zip(message["parts"], other["parts"], strict=True):
            told = [name for name in ("text", "tool_name", "error_text", "output") if part.get(name)]
            assert all(bad[name] != part[name] for name in told), (part, bad)
    assert api.get(f"/v1/threads/{busy(simulator)}/runs").json()[0].keys() >= {"model"}


def test_the_spans_of_a_run_add_up_to_its_usage_and_name_it(simulator, api):
    thread = busy(simulator)
    runs = api.get(f"/v1/threads/{thread}/runs?limit=50").json()
    run = next(run for run in runs if run["status"] == "completed")
    spans = api.post(SPANS, json={"run_id": run["id"], "min_start_datetime": LONG_AGO, "limit": 99}).json()
    assert {span["thread_id"] for span in spans} == {thread}
    assert {span["agent_id"] for span in spans} == {run["agent_id"]}
    assert len({span["trace_id"] for span in spans}) == 1
    used = [int(span["gen_ai_usage_input_tokens"]) for span in spans if span["gen_ai_usage_input_tokens"]]
    made = [int(span["gen_ai_usage_output_token"]) for span in spans if span["gen_ai_usage_output_token"]]
    assert abs(sum(used) + sum(made) - run["usage"]["total_tokens"]) <= 2
    whole = api.get(f"{SPANS}/{spans[0]['span_id']}").json()
    assert whole.items() >= spans[0].items()
    assert "attributes" in whole


def test_a_call_of_another_agent_contains_the_spans_of_that_agent(clock, simulator, api):
    clock.now += 1200
    spans = api.post(SPANS, json={"min_start_datetime": LONG_AGO, "limit": 100_000}).json()
    by_id = {span["span_id"]: span for span in spans}
    depths, failed_inside = set(), 0
    for span in spans:
        names, at = [], span
        while at["parent_span_id"] is not None:
            at = by_id[at["parent_span_id"]]  # no parent is missing, and there is no circle
            names.append(at["span_name"])
            assert at["run_id"] == span["run_id"]
            assert at["start_timestamp"] <= span["start_timestamp"]
        depths.add(len(names))
        if names[1:2] == ["running tool ask_colleague"]:
            assert names[0].startswith("agent run ")
            failed_inside += span["is_exception"]
    assert depths == {0, 1, 2, 3}
    assert failed_inside
    assert {span["kind"] for span in spans} == {"span", "pending_span", "log", "span_event"}


def test_a_query_without_a_lower_bound_covers_fifteen_minutes(clock, simulator, api):
    clock.now += 3600
    found = api.post(SPANS, json={"limit": 100_000}).json()
    oldest = min(span["start_timestamp"] for span in found)
    assert clock.now - 900 <= datetime.fromisoformat(oldest).timestamp() < clock.now - 880
    assert len(api.post(SPANS, json={"limit": 100_000, "min_start_datetime": LONG_AGO}).json()) > len(found)


def test_filters_combine_and_pages_together_are_all_spans(clock, simulator, api):
    everything = {"min_start_datetime": LONG_AGO, "limit": 100_000}
    whole = api.post(SPANS, json=everything).json()
    starts = [span["start_timestamp"] for span in whole]
    assert starts == sorted(starts, reverse=True)
    assert len({span["span_id"] for span in whole}) == len(whole)
    assert [*api.post(SPANS, json={**everything, "order": "asc"}).json()][::-1] == whole
    page = api.post(SPANS, json={**everything, "limit": 10, "offset": 25}).json()
    assert page == whole[25:35]
    one = whole[40]
    for name in ("thread_id", "agent_id", "run_id", "trace_id", "group"):
        found = api.post(SPANS, json={**everything, name: one[name]}).json()
        assert found == [span for span in whole if span[name] == one[name]], name
    labels = {"metadata": {"customer": one["seekr_metadata"]["customer"]}, "agent_id": one["agent_id"]}
    found = api.post(SPANS, json={**everything, **labels}).json()
    assert one in found
    assert {span["seekr_metadata"]["customer"] for span in found} == {labels["metadata"]["customer"]}
    assert api.post(SPANS, json={**everything, "run_id": "run_x"}).json() == []
    assert api.post(SPANS, json={**everything, "run_id": one["run_id"], "trace_id": "0" * 32}).json() == []
    assert api.post(SPANS, json={**everything, "thread_id": "thr_x"}).json() == []


@pytest.mark.parametrize("huge", [2**63, 10**40])
def test_huge_offsets_and_limits_are_answered(simulator, api, huge):
    assert api.post(SPANS, json={"offset": huge}).json() == []
    assert len(api.post(SPANS, json={"limit": huge}).json()) > 50
    path = f"/v1/threads/{busy(simulator)}/messages"
    assert api.get(path, params={"offset": huge}).json() == []
    assert len(api.get(path, params={"limit": huge}).json()) > 20


def test_bounds_are_inclusive_and_a_naive_time_is_utc(simulator, api):
    one = api.post(SPANS, json={"limit": 5}).json()[-1]["start_timestamp"]
    naive = datetime.fromisoformat(one).astimezone(UTC).replace(tzinfo=None).isoformat()
    for bound in (one, naive):
        query = {"min_start_datetime": bound, "max_start_datetime": bound}
        found = api.post(SPANS, json=query).json()
        assert all(abs(_epoch(span["start_timestamp"]) - _epoch(one)) < 1e-5 for span in found)


@pytest.mark.parametrize(
    "body", [{"limit": -1}, {"order": "up"}, {"min_start_datetime": "soon"}, {"metadata": {"a": 1}}, []]
)
def test_an_invalid_query_is_422(api, body):
    assert api.post(SPANS, json=body).status_code == 422


def _epoch(text):
    return datetime.fromisoformat(text).timestamp()
