"""The endpoints over real HTTP, with a clock that the tests move."""

import json
import re
import threading
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import partial

import httpx
import pytest
from openapi_spec_validator import validate

from flowtui.errors import UsageError
from flowtui.simulator.server import Simulator

# httpx's default is 5 s; as for `verify`, see the fixture `api`.
get, post = (partial(ask, timeout=30.0, verify=False) for ask in (httpx.get, httpx.post))
ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


def epoch(text):
    return datetime.fromisoformat(text).timestamp()


def all_runs(api, thread_id):
    return api.get(f"/v1/threads/{thread_id}/runs", params={"limit": 1000}).json()


def test_every_path_is_served_with_and_without_trailing_slash_without_redirect(simulator, api):
    thread = simulator.thread_ids()[0]
    run = simulator.run_ids(thread)[-1]  # it has ended, and with it its stream
    message = api.get(f"/v1/threads/{thread}/messages").json()[0]["id"]
    agent = api.get("/v2/flow/agents/").json()["data"][0]["id"]
    span = api.post("/v1/observability/spans", json={}).json()[0]["span_id"]
    values = {"thread_id": thread, "run_id": run, "message_id": message, "agent_id": agent, "span_id": span}
    document = api.get("/openapi.json").json()
    assert len(document["paths"]) == 13
    for path, methods in document["paths"].items():
        filled = path.format(**values).rstrip("/")
        if "get" in methods:
            assert [api.get(form).status_code for form in (filled, filled + "/")] == [200, 200], path
        elif "cancel" not in path:
            assert [api.post(form, json={}).status_code for form in (filled, filled + "/")] == [200, 200], (
                path
            )


def test_the_document_is_valid_and_names_loopback_only(api):
    document = api.get("/openapi.json").json()
    validate(document)
    assert [server["url"] for server in document["servers"]] == ["/"]


def test_threads_are_locked_if_and_only_if_a_run_is_active(clock, simulator, api):
    for _ in range(40):
        clock.now += 3.3
        active_anywhere = 0
        for thread in api.get("/v1/threads").json():
            runs = all_runs(api, thread["id"])
            active = [run for run in runs if run["status"] in {"queued", "running"}]
            holders = [run["id"] for run in runs if run["is_active"]]
            active_anywhere += len(active)
            assert thread["status"] == ("locked" if active else "available")
            assert holders == ([thread["active_run_id"]] if active else [])
            assert sum(run["status"] == "running" for run in active) <= 1
        assert active_anywhere


def test_a_run_has_one_end_time_and_consistent_usage(simulator, api):
    ends = {
        "completed": "completed_at",
        "failed": "failed_at",
        "cancelled": "cancelled_at",
    }
    statuses, lasting = set(), 0
    for thread in simulator.thread_ids():
        for run in all_runs(api, thread):
            statuses.add(run["status"])
            own = ends.get(run["status"])
            for name in ("completed_at", "failed_at", "cancelled_at"):
                assert (run[name] is not None) == (name == own), run
            assert all(ISO.fullmatch(run[name]) for name in run if name.endswith("_at") and run[name])
            if run["expires_at"] is None:
                lasting += 1
            else:
                assert epoch(run["expires_at"]) == pytest.approx(epoch(run["created_at"]) + 600)
            assert simulator.world.find_run(run["id"], simulator.calendar.now()) is not None
            usage = run["usage"]
            assert (
                usage is None or usage["prompt_tokens"] + usage["completion_tokens"] == usage["total_tokens"]
            )
            assert len(run["instructions"]) > 800
            assert run["tools"]
    assert {"completed", "failed", "running"} <= statuses
    assert lasting


def test_all_kinds_of_tools_and_several_agents_occur(api):
    agents = api.get("/v2/flow/agents/").json()["data"]
    assert {tool["type"] for agent in agents for tool in agent["tools"]} == {
        "file_search",
        "web_search",
        "run_python",
        "agent_as_tool",
        "mcp_connector",
    }
    assert {"triage", "checkout", "support", "billing", "refunds"} <= {agent["name"] for agent in agents}
    assert all(agent["last_deployed_at"] for agent in agents)
    older = api.get("/v1/flow/agents").json()["data"]
    assert "tool_env" in older[0]["tools"][0]
    assert api.get(f"/v2/flow/agents/{agents[1]['id']}").json() == agents[1]


def test_pages_follow_limit_order_and_offset(simulator, api):
    thread = max(simulator.thread_ids(), key=lambda each: len(simulator.run_ids(each)))
    ids = simulator.run_ids(thread)
    path = f"/v1/threads/{thread}/runs"

    def page(**params):
        return [run["id"] for run in api.get(path, params=params).json()]

    assert page() == ids[:20]
    assert page(limit=0) == []
    assert page(limit=3, offset=2) == ids[2:5]
    assert page(limit=3, order="asc") == ids[::-1][:3]
    assert page(limit=10**30, offset=1) == ids[1:]
    assert page(offset=10**30) == []
    threads = [thread["id"] for thread in api.get("/v1/threads?order=asc").json()]
    assert threads == simulator.thread_ids()[::-1]
    created = [thread["created_at"] for thread in api.get("/v1/threads?order=asc").json()]
    assert created == sorted(created)


@pytest.mark.parametrize(
    "query",
    ["limit=-1", "limit=x", "limit=1.5", "limit=", "offset=-3", "order=up", "order=DESC", "limit=%D9%A3"],
)
def test_an_invalid_parameter_is_422_with_its_location(simulator, api, query):
    for path in ("/v1/threads", f"/v1/threads/{simulator.thread_ids()[0]}/runs"):
        answer = api.get(f"{path}?{query}")
        assert answer.status_code == 422
        (problem,) = answer.json()["detail"]
        assert problem["loc"] == ["query", query.partition("=")[0]]
        assert problem["msg"]
        assert problem["type"]


def test_include_parts_is_a_boolean(simulator, api):
    path = f"/v1/threads/{simulator.thread_ids()[0]}/messages"
    assert api.get(f"{path}?include_parts=maybe").status_code == 422
    assert "parts" not in api.get(path).json()[0]
    assert api.get(f"{path}?include_parts=true").json()[0]["parts"]


def test_an_unknown_id_is_404_and_so_is_a_run_of_another_thread(simulator, api):
    first, second = simulator.thread_ids()[:2]
    run = simulator.run_ids(first)[0]
    unknown = [
        "/v1/threads/thr_000000",
        "/v1/threads/..%2f..%2fadmin/runs",
        f"/v1/threads/{first}/runs/run_000000",
        f"/v1/threads/{second}/runs/{run}",
        f"/v1/threads/{first}/messages/msg_x",
        "/v2/flow/agents/agent_x",
        "/v1/nothing",
    ]
    for path in unknown:
        answer = api.get(path)
        assert answer.status_code == 404, path
        assert isinstance(answer.json()["detail"], str)


def test_an_unknown_span_is_null(api):
    answer = api.get("/v1/observability/spans/x")
    assert (answer.status_code, answer.json()) == (200, None)


def test_a_wrong_method_is_405_with_the_allowed_ones(api):
    answer = api.delete("/v1/threads")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
    assert api.head("/v1/threads").status_code == 405


def test_every_answer_has_a_unique_request_id_and_the_simulated_date(clock, api):
    clock.now += 86_400
    answers = [api.get("/v1/threads"), api.get("/nope"), api.post("/v1/threads"), api.get("/openapi.json")]
    assert len({answer.headers["cf-ray"] for answer in answers}) == 4
    for answer in answers:
        assert parsedate_to_datetime(answer.headers["date"]).timestamp() == int(clock.now)


@pytest.mark.parametrize("key", [None, "", "wrong", "Bearer k", "bearer k"])
def test_only_the_bare_key_is_accepted(simulator, key):
    headers = {} if key is None else {"Authorization": key}
    answer = get(f"{simulator.url}/v1/threads", headers=headers)
    assert answer.status_code == 401
    assert answer.json()["detail"]


def test_without_a_configured_key_any_key_is_accepted_but_an_empty_one():
    with Simulator() as running:
        assert get(f"{running.url}/v1/threads", headers={"Authorization": "x"}).status_code == 200
        assert get(f"{running.url}/v1/threads").status_code == 401
        assert get(f"{running.url}/v1/threads", headers={"Authorization": "Bearer x"}).status_code == 401


def test_cancel_ends_an_active_run_and_refuses_one_that_has_ended(clock, simulator, api):
    thread = next(each for each in api.get("/v1/threads").json() if each["active_run_id"])
    path = f"/v1/threads/{thread['id']}/runs/{thread['active_run_id']}"
    answer = api.post(f"{path}/cancel", json={"agent_id": "any", "group": None})
    assert answer.json() == {"status": "canceled", "run_id": thread["active_run_id"]}
    assert api.get(path).json()["status"] in {"queued", "running"}
    clock.now += 2
    run = api.get(path).json()
    assert run["status"] in {"cancelled", "completed", "failed"}
    assert api.post(f"{path}/cancel", json={}).status_code == 409


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'{"agent_id": 7}', b'{"metadata": {"a": 1}}', b'{"model_settings": {"top_p": NaN}}'],
)
def test_an_invalid_cancel_body_is_422_and_cancels_nothing(clock, simulator, api, body):
    thread = next(each for each in api.get("/v1/threads").json() if each["active_run_id"])
    path = f"/v1/threads/{thread['id']}/runs/{thread['active_run_id']}/cancel"
    answer = api.post(path, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"][0] == "body"
    assert api.post(path, content=b"{}", headers={"Content-Type": "text/plain"}).status_code == 422


def test_speed_compresses_the_future_and_dates_stay_real(clock):
    with Simulator(clock=clock, speed=60) as running:
        thread = running.thread_ids()[1]
        before = len(running.run_ids(thread))
        clock.now += 60
        assert len(running.run_ids(thread)) > before + 60
        runs = get(f"{running.url}/v1/threads/{thread}/runs?limit=50", headers={"Authorization": "k"}).json()
        assert all(epoch(run["created_at"]) <= clock.now for run in runs)


def test_the_same_seed_and_clock_give_the_same_bytes(clock):
    bodies = []
    for seed in (4, 4, 5):
        with Simulator(seed=seed, clock=clock) as running:
            path = f"/v1/threads/{running.thread_ids()[0]}/runs"
            bodies.append(get(running.url + path, headers={"Authorization": "k"}).content)
    assert bodies[0] == bodies[1] != bodies[2]


def test_requests_are_recorded_in_order(simulator, api):
    api.get("/v1/threads/a%2Fb?limit=3&order=asc")
    assert list(simulator.requests) == [("GET", "/v1/threads/a%2Fb", "limit=3&order=asc")]


def test_stop_closes_connections_and_start_reuses_the_port(simulator, api):
    simulator.add_fault("drip")
    url = simulator.url
    path = f"/v1/threads/{simulator.thread_ids()[0]}/runs"
    with api.stream("GET", path) as answer:
        chunks = answer.iter_raw(1)
        next(chunks)
        simulator.stop()  # the drip would last for minutes
        with pytest.raises(httpx.HTTPError):
            list(chunks)
    with pytest.raises(httpx.ConnectError):
        api.get("/v1/threads")
    assert simulator.start() == url
    assert api.get("/v1/threads").status_code == 200


def test_a_port_in_use_is_an_error_with_a_hint(simulator):
    port = int(simulator.url.rpartition(":")[2])
    with pytest.raises(UsageError, match=rf"{port}.*--port 0"):
        Simulator(port=port).start()


def test_stop_ends_the_server_thread():
    before = set(threading.enumerate())
    with Simulator():
        assert set(threading.enumerate()) - before
    assert not set(threading.enumerate()) - before


def test_a_large_world_starts_and_answers():
    with Simulator(threads=5000, runs=100_000) as running:
        headers = {"Authorization": "k"}
        assert len(get(f"{running.url}/v1/threads?limit=100", headers=headers).json()) == 100
        assert len(post(f"{running.url}/v1/observability/spans", json={}, headers=headers).json()) == 100


def test_text_is_sent_as_utf8(api):
    assert "多言語".encode() in api.get("/v2/flow/agents/").content
    assert json.loads(api.get("/v2/flow/agents/").content)
