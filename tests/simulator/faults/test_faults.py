"""Each fault can be served, and changes what its name says and nothing else."""

import gzip
import json
import time
from datetime import datetime
from email.utils import parsedate_to_datetime

import httpx
import pytest

from flowtui.errors import UsageError
from flowtui.simulator.faults import FAULTS
from flowtui.simulator.faults.kinds import parse
from flowtui.simulator.server import Simulator

STATUSES = {200, 204, 302, 307, 401, 403, 404, 408, 422, 429, 500, 502, 503}
BOUNDLESS = {"drip", "gzip-bomb", "endless", "slow"}
CONTRACT_ROWS = {
    "P01": "text-escape", "P02": "text-osc52", "P03": "text-title", "P04": "text-link", "P05": "text-c1",
    "P06": "text-nul", "P07": "text-rtl", "P08": "text-zero-width", "P09": "text-combining", "P10": "text-crlf",
    "P11": "text-tab", "P12": "text-markup", "P13": "text-click", "P14": "text-bad-markup",
    "P15": "text-markup-link", "P16": "text-emoji", "P17": "missing-status", "P18": "both-spellings",
    "P19": "unknown-status", "P20": "null-tools", "P21": "missing-model", "P22": "bad-created-at",
    "P23": "extra-fields", "P24": "one-bad-element", "P25": "bom", "P26": "lone-surrogate", "P27": "nan",
    "P28": "huge-tokens", "P29": "deep-json", "P30": "truncated-json", "P31": "html", "P32": "empty-body",
    "P33": "object-body", "P34": "redirect", "P35": "gzip-bomb", "P36": "drip", "P37": "reset",
    "P38": "short-body", "P39": "unauthorized", "P40": "not-found", "P41": "rate-limit-date",
    "P42": "server-error", "P43": "shifting", "P44": "thread-id",
}  # fmt: skip


@pytest.fixture
def thread(simulator):
    return max(simulator.thread_ids(), key=lambda each: len(simulator.run_ids(each)))


@pytest.fixture
def ask(simulator, api, thread):
    """Set one fault and request the runs of a thread."""

    def ask(fault, **params):
        simulator.clear_faults()
        simulator.add_fault(fault)
        return api.get(f"/v1/threads/{thread}/runs", params=params)

    return ask


def test_every_row_that_a_server_can_cause_has_a_fault():
    assert set(CONTRACT_ROWS.values()) <= set(FAULTS)


def _hooks(fault):
    return fault.page, fault.rows, fault.reply, fault.key, fault.cancel, fault.skew, fault.habit or None


def test_every_fault_has_one_function_or_habit_and_one_line_of_help():
    for name, fault in FAULTS.items():
        assert sum(hook is not None for hook in _hooks(fault)) == 1, name
        assert fault.help.isprintable(), name
        assert 0 < len(fault.help) <= 90, name


@pytest.mark.slow
def test_every_fault_can_be_served_and_removed(simulator, api, thread):
    path = f"/v1/threads/{thread}/runs"
    runs = api.get(path).json()
    one = f"{path}/{runs[1]['id']}"
    agents = api.get("/v2/flow/agents/").content
    for name in sorted(set(FAULTS) - BOUNDLESS):
        simulator.add_fault(f"{name}@all" if FAULTS[name].scope == "threads" else name)
        for target in (path, one, "/v1/threads", "/v2/flow/agents/"):
            try:
                answer = api.get(target)
            except httpx.HTTPError:
                assert name in {"reset", "short-body", "bad-gzip"}, name
            else:
                assert answer.status_code in STATUSES, name
                assert answer.status_code != 500 or FAULTS[name].reply, name
        simulator.clear_faults()
        assert api.get(path).json() == runs, name
        assert api.get("/v2/flow/agents/").content == agents, name


@pytest.mark.parametrize("name", [name for name in FAULTS if name.startswith("text-")])
def test_hostile_text_is_sent_unchanged(ask, simulator, thread, name):
    before = simulator.run_ids(thread)
    body = ask(name).json()
    assert len(body) == min(20, len(before))
    assert any(
        not text.isascii() or not text.isprintable() or set(text) & set("[=|") for text in texts(body[0])
    )


def texts(value):
    if isinstance(value, dict):
        return [text for inner in value.values() for text in texts(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in texts(inner)]
    return [value] if isinstance(value, str) else []


def test_a_fault_may_be_limited_to_one_row(ask, simulator, thread):
    ids = simulator.run_ids(thread)[:20]
    assert [run["id"] for run in ask(f"missing-status:{ids[3]}").json() if "status" not in run] == [ids[3]]
    assert [run["id"] for run in ask("missing-status:newest").json() if "status" not in run] == [ids[0]]
    assert all("status" not in run for run in ask("missing-status").json())


def test_a_fault_may_be_limited_in_scope_and_in_number(simulator, api, thread):
    simulator.add_fault("html@threads*1")
    assert api.get(f"/v1/threads/{thread}/runs").headers["content-type"] == "application/json"
    assert api.get("/v1/threads").headers["content-type"].startswith("text/html")
    assert api.get("/v1/threads").headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("text-escpe", "Did you mean text-escape"),
        ("Missing-Status", "missing-status"),
        ("zzzzzz", "--fault list"),
        ("reset:3", "no argument"),
        ("cap-limit:x", "takes a number"),
        ("slow:-1", "takes a number"),
        ("slow:inf", "takes a number"),
        ("html@nowhere", "no fault called"),
        ("\x1b[2J", "no fault called '\\\\x1b\\[2J'"),
    ],
)
def test_an_invalid_fault_is_a_usage_error_with_a_hint(text, says):
    with pytest.raises(UsageError, match=says):
        parse(text, FAULTS)
    with pytest.raises(UsageError):
        Simulator(faults=[text])


def test_faults_in_fields(ask):
    assert all("status" not in run for run in ask("missing-status").json())
    assert {run["status"] for run in ask("unknown-status:in_progress").json()} == {"in_progress"}
    assert {"canceled", "cancelled"} <= {run["status"] for run in ask("both-spellings").json()}
    assert {run["tools"] for run in ask("null-tools").json()} == {None}
    bad = [run for run in ask("one-bad-element").json() if run["created_at"] == "soon"]
    assert len(bad) == 1
    published = ask("published-example").json()[0]
    assert "status" not in published
    assert None not in {published["completed_at"], published["failed_at"], published["cancelled_at"]}
    assert ask("huge-tokens").json()[0]["usage"]["total_tokens"] == 123456789012345678901234567890
    assert b'"temperature":NaN' in ask("nan").content
    assert b"\\ud800" in ask("lone-surrogate").content
    assert datetime.fromisoformat(ask("naive-times").json()[0]["created_at"]).tzinfo is None
    assert isinstance(ask("epoch-times").json()[0]["created_at"], float)
    assert len(ask("null-elements", limit=2).json()) == 7


def test_a_fault_shows_a_completed_run_as_running_again(simulator, api, thread):
    simulator.add_fault("status-backwards")
    first, second, third = (
        [run["status"] for run in api.get(f"/v1/threads/{thread}/runs").json()] for _ in range(3)
    )
    assert "completed" in first
    assert "completed" not in second
    assert first == third


def test_faults_in_bodies(ask):
    whole = ask("no-ray").content
    assert ask("bom").content == b"\xef\xbb\xbf" + whole
    assert ask("truncated-json").content == whole[: len(whole) * 2 // 3]
    assert ask("wrapped-data").json()["data"] == json.loads(whole)
    assert ask("empty-body").content == b""
    assert ask("body:[1,2]").json() == [1, 2]
    assert isinstance(ask("object-body").json(), dict)
    assert ask("deep-json").content.count(b"[[") > 4000
    assert ask("html").text.startswith("<!DOCTYPE")
    assert ask("duplicate-keys").json()[0]["status"] == "failed"
    assert json.loads(ask("utf16").content.decode("utf-16")) == json.loads(whole)
    with pytest.raises(UnicodeDecodeError):
        ask("not-utf8").content.decode()


def test_rate_limits_send_the_time_of_the_next_request(ask, clock):
    seconds = ask("rate-limit:7")
    assert (seconds.status_code, seconds.headers["retry-after"]) == (429, "7")
    date = ask("rate-limit-date:30").headers["retry-after"]
    assert parsedate_to_datetime(date).timestamp() == clock.now + 30
    assert ask("rate-limit-ms").headers["retry-after-ms"] == "200"


def test_budget_headers_count_down_to_a_429(simulator, api, thread):
    simulator.add_fault("remaining:2")
    answers = [api.get(f"/v1/threads/{thread}/runs") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer.headers["x-ratelimit-remaining"] for answer in answers] == ["2", "1", "0"]


def test_server_error_ends_after_the_given_number_of_requests(simulator, api, thread):
    simulator.add_fault("server-error:2")
    assert [api.get(f"/v1/threads/{thread}/runs").status_code for _ in range(4)] == [500, 500, 200, 200]


def test_404_for_one_thread_by_id_or_by_place(simulator, api):
    threads = simulator.thread_ids()
    for arg in (threads[2], "2"):
        simulator.clear_faults()
        simulator.add_fault(f"not-found:{arg}")
        statuses = [api.get(f"/v1/threads/{each}/runs").status_code for each in threads]
        assert statuses == [200, 200, 404, 200, 200, 200]


def test_faults_in_the_check_of_the_key(simulator, api):
    simulator.add_fault("bearer")
    assert api.get("/v1/threads").status_code == 401
    assert api.get("/v1/threads", headers={"Authorization": "Bearer k"}).status_code == 200
    assert api.get("/v1/threads", headers={"Authorization": "Bearer x"}).status_code == 401
    simulator.clear_faults()
    simulator.add_fault("no-key-check")
    assert httpx.get(f"{simulator.url}/v1/threads", timeout=30).status_code == 200


def test_a_redirect_has_the_given_location(ask):
    answer = ask("redirect:http://elsewhere.example/x")
    assert (answer.status_code, answer.headers["location"]) == (302, "http://elsewhere.example/x")


def test_a_short_body_ends_early_and_a_reset_sends_nothing(ask):
    with pytest.raises(httpx.RemoteProtocolError):
        ask("short-body")
    with pytest.raises(httpx.HTTPError):
        ask("reset")
    assert ask("no-ray").status_code == 200


def test_a_gzip_body_can_be_decompressed_and_a_gzip_bomb_is_small_on_the_wire(simulator, api, thread):
    path = f"/v1/threads/{thread}/runs"
    whole = api.get(path).json()
    simulator.add_fault("gzip")
    assert api.get(path).json() == whole
    simulator.clear_faults()
    simulator.add_fault("gzip-bomb")
    received = b""
    with api.stream("GET", path) as answer:
        for chunk in answer.iter_raw():
            received += chunk
            if len(received) > 20_000:
                break
    assert answer.headers["content-encoding"] == "gzip"
    with pytest.raises(EOFError):
        gzip.decompress(received)


def test_a_drip_sends_byte_by_byte_and_stops_when_the_client_disconnects(simulator, api, thread):
    simulator.add_fault("drip")
    with api.stream("GET", f"/v1/threads/{thread}/runs") as answer:
        chunks = answer.iter_raw()
        assert [next(chunks), next(chunks)] == [b"[", b"{"]
    simulator.clear_faults()
    assert api.get(f"/v1/threads/{thread}/runs").status_code == 200


def test_slow_delays_the_answer_by_its_argument(ask):
    begin = time.perf_counter()
    assert ask("slow:0.2").status_code == 200
    assert time.perf_counter() - begin >= 0.2


def test_clock_skew_changes_all_dates(ask, clock):
    for skew in (90, -300):
        answer = ask(f"clock-skew:{skew}")
        assert parsedate_to_datetime(answer.headers["date"]).timestamp() == clock.now + skew
        skewed, true = answer.json()[0], ask("no-ray").json()[0]
        for name in ("created_at", "expires_at"):
            apart = datetime.fromisoformat(skewed[name]) - datetime.fromisoformat(true[name])
            assert apart.total_seconds() == skew
    assert "date" not in ask("no-date").headers
    assert ask("bad-date").headers["date"] == "today"


def test_offset_limit_and_order_may_be_ignored_or_capped(ask, simulator, thread):
    ids = simulator.run_ids(thread)

    def shown(fault, **params):
        return [run["id"] for run in ask(fault, **params).json()]

    assert shown("ignore-offset", offset=5, limit=3) == ids[:3]
    assert shown("ignore-limit", offset=5, limit=3) == ids[5:]
    assert shown("cap-limit:4", offset=5) == ids[5:9]
    assert shown("ignore-order", limit=2) == ids[::-1][:2]
    assert sorted(shown("unstable-order", limit=1000)) == sorted(ids)


def test_a_shifting_list_grows_at_the_newest_end_and_loses_only_every_fifth_run(simulator, api, thread):
    ids = simulator.run_ids(thread)
    simulator.add_fault("shifting")
    pages = [[run["id"] for run in api.get(f"/v1/threads/{thread}/runs?limit=1000").json()] for _ in range(6)]
    assert pages[0] == ids
    assert pages[1][:2] == ["run_fresh1", "run_fresh0"]
    assert ids[-1] in pages[0]
    assert ids[-1] not in pages[1]
    stays = {run for place, run in enumerate(reversed(ids)) if place % 5}
    assert all(stays <= set(page) for page in pages)


def test_several_faults_work_together(simulator, api, thread):
    simulator.add_fault("missing-status")
    simulator.add_fault("bom")
    body = api.get(f"/v1/threads/{thread}/runs?limit=1").content
    assert body.startswith(b"\xef\xbb\xbf[")
    assert b'"status":' not in body


ASKED = "/v1/threads?limit=3"


@pytest.mark.parametrize(
    ("fault", "path", "expected"),
    [
        ("slash-only", ASKED, (404, None)),
        ("slash-only:405", ASKED, (405, None)),
        ("slash-only", "/v1/threads/?limit=3", (200, None)),
        ("bare-only", "/v2/flow/agents/", (404, None)),
        ("bare-only", ASKED, (200, None)),
        ("to-slash", ASKED, (307, "http://{host}/v1/threads/?limit=3")),
        ("to-slash:301", ASKED, (301, "http://{host}/v1/threads/?limit=3")),
        ("to-slash", "/v1/threads/?limit=3", (200, None)),
        ("to-bare:308", "/v2/flow/agents/", (308, "http://{host}/v2/flow/agents")),
        ("to-bare", ASKED, (200, None)),
        ("to-slash-relative", ASKED, (307, "/v1/threads/?limit=3")),
        ("to-slash-https", ASKED, (307, "https://{host}/v1/threads/?limit=3")),
        ("slash-circle", ASKED, (307, "http://{host}/v1/threads/?limit=3")),
        ("slash-circle", "/v1/threads/?limit=3", (307, "http://{host}/v1/threads?limit=3")),
        ("to-slash-elsewhere", ASKED, (307, "http://elsewhere.invalid/v1/threads/?limit=3")),
        ("to-slash-query", ASKED, (307, "http://{host}/v1/threads/?limit=1&key=x")),
        ("to-slash-double", ASKED, (307, "http://{host}/v1/threads//?limit=3")),
        ("to-slash-user", ASKED, (307, "http://me:pw@{host}/v1/threads/?limit=3")),
    ],
)
def test_faults_in_the_slash_at_the_end_of_a_path(simulator, api, fault, path, expected):
    simulator.clear_faults()
    simulator.add_fault(fault)
    answer = api.get(path)
    location = answer.headers.get("location")
    host = simulator.url.removeprefix("http://")
    assert (answer.status_code, location and location.replace(host, "{host}")) == expected
