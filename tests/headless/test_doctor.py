"""`flowtui doctor` over real HTTP: results, cures and exit codes of the checks; the key is never printed."""

import json
import os
import platform
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from flowtui.config.settings import Settings
from flowtui.errors import ServerError
from flowtui.headless import doctor_server
from flowtui.headless.doctor import Check, as_lines, exit_code
from flowtui.headless.doctor_local import Surroundings, terminal_checks
from flowtui.simulator.server import Simulator
from flowtui.source.http.tls import Connection, connection_of

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def examine(flowtui):
    """Return a function that runs `doctor -o json` and gives (code, checks by name)."""

    def run(*words, **environ):
        code = flowtui("doctor", "-o", "json", *words, **environ)
        document = json.loads(flowtui.out)
        assert document["v"] == 1
        assert all(check["state"] == "ok" or check["cure"] for check in document["checks"])
        assert flowtui.err == ""
        return code, {check["name"]: SimpleNamespace(**check) for check in document["checks"]}

    return run


def terminal(monkeypatch):
    """Make the streams of this process look like a terminal."""
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(f"sys.{name}.isatty", lambda: True)
    monkeypatch.setattr(os, "get_terminal_size", lambda *_: os.terminal_size((120, 36)))
    monkeypatch.setattr("sys.stdout.fileno", lambda: 1)


@pytest.mark.parametrize("output", ["table", "json"])
def test_all_checks_pass_on_a_healthy_server(output, flowtui, simulator, tmp_path, monkeypatch):
    """After an intended change, rewrite the golden files with FLOWTUI_GOLDEN=write."""
    terminal(monkeypatch)
    code = flowtui("doctor", "-o", output, "--no-color", TERM="xterm-256color", COLORTERM="truecolor")
    assert (code, flowtui.err) == (0, "")
    got = flowtui.out.replace(simulator.url.removeprefix("http://"), "127.0.0.1:PORT")
    got = re.sub(
        r"(flowtui|Python|textual|httpx|pydantic) [0-9][^,]*,", r"\1 N,", got.replace(str(tmp_path), "/home")
    )
    got = re.sub(rf"{platform.system()} {platform.machine()}", "SYSTEM", got)
    path = GOLDEN / f"doctor-{output}.txt"
    if os.environ.get("FLOWTUI_GOLDEN") == "write":
        path.write_text(got, encoding="utf-8", newline="\n")
    assert got == path.read_text(encoding="utf-8")


def test_every_line_has_its_sign_word_and_name(flowtui, monkeypatch):
    terminal(monkeypatch)
    assert flowtui("doctor", TERM="xterm-256color") == 0
    form = re.compile(r"\x1b\[3[123]m[✓!×] (ok|warn|fail) *\x1b\[0m  [a-z_.]+  ")
    assert all(map(form.match, flowtui.out.splitlines()))


def test_the_checks_make_at_most_five_requests(examine, simulator):
    before = len(simulator.requests)
    examine()
    asked = [path for _, path, _ in list(simulator.requests)[before:]]
    assert sorted(asked) == [*["/v1/threads"] * 4, "/v2/flow/agents/"]


def test_a_refused_key_fails_the_access_check_after_one_request(examine, simulator):
    simulator.add_fault("unauthorized")
    before = len(simulator.requests)
    code, checks = examine()
    assert (code, checks["access"].state) == (3, "fail")
    assert "401" in checks["access"].detail
    assert "SEEKR_API_KEY" in checks["access"].cure
    assert "auth_scheme" not in checks["access"].cure
    assert "threads" not in checks
    assert len(simulator.requests) - before == 1


def test_a_server_that_wants_bearer_makes_the_access_check_name_the_setting(examine, simulator):
    simulator.add_fault("bearer")
    code, checks = examine()
    assert (code, checks["access"].state) == (3, "fail")
    assert "auth_scheme: it is 'key', the server may want 'bearer'" in checks["access"].cure


@pytest.mark.parametrize(
    ("fault", "path"),
    [
        ("", "/v2/flow/agents/"),
        ("agents-v1", "/v1/flow/agents/"),
        ("agents-v1:405", "/v1/flow/agents/"),
        ("bare-only", "/v2/flow/agents/"),
    ],
)
def test_the_agents_check_says_which_version_is_served(examine, simulator, fault, path):
    if fault:
        simulator.add_fault(fault)
    code, checks = examine()
    assert (code, checks["agents"].state) == (0, "ok")
    assert f"7 visible at {path}, no team set" in checks["agents"].detail


def test_an_announced_deprecation_is_a_warning_told_once(examine, simulator):
    _, without = examine()
    assert "deprecation" not in without
    simulator.add_fault("deprecated")
    code, checks = examine()
    assert (code, checks["deprecation"].state) == (0, "warn")
    assert checks["deprecation"].detail == (
        "the server announces deprecation: @1793318400; sunset: Mon, 01 Feb 2027 00:00:00 GMT"
    )


def test_an_unknown_key_fails_the_access_check(flowtui):
    with Simulator(seed=1, threads=1, runs=1, key="another") as other:
        assert flowtui("doctor", "--base-url", other.url) == 3
    assert "× fail  access" in flowtui.out


def test_a_refused_connection_fails_the_access_check(examine):
    code, checks = examine("--base-url", "http://127.0.0.1:9")
    assert (code, checks["address"].state, checks["access"].state) == (3, "ok", "fail")
    assert "refuses connections" in checks["access"].detail


def test_an_unknown_host_fails_the_address_check(examine):
    code, checks = examine("--base-url", "https://nowhere.invalid")
    assert (code, checks["address"].state) == (3, "fail")
    assert "access" not in checks


def test_a_missing_key_is_a_configuration_error(examine):
    code, checks = examine(SEEKR_API_KEY="")
    assert (code, checks["key"].state) == (2, "fail")
    assert "SEEKR_API_KEY" in checks["key"].cure
    assert "address" not in checks
    assert checks["terminal"].state == "warn"


def test_a_key_that_no_header_can_carry_fails_the_key_check(examine):
    code, checks = examine(SEEKR_API_KEY="hunter2\nX: y")
    assert (code, checks["key"].state) == (2, "fail")


def test_plain_http_to_another_machine_fails_the_config_check(examine):
    code, checks = examine("--base-url", "http://example.com")
    assert (code, checks["config"].state) == (2, "fail")
    assert "plain text" in checks["config"].detail


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("team = ", "not valid TOML"),
        ("taem = 'x'", "no setting taem"),
        ("interval = true", "wrong type"),
        ("budget = 'x'", "no budget"),
        ("api_key = 'hunter2'", "readable by others"),
        (None, "no config file"),
    ],
)
def test_a_bad_config_file_fails_the_config_check(content, said, examine, tmp_path):
    path = tmp_path / "c.toml"
    if content is not None:
        path.write_text(content)
        path.chmod(0o644)
    code, checks = examine("--config", str(path))
    assert (code, checks["config"].state) == (2, "fail")
    assert said in checks["config"].detail
    assert "versions" in checks


def test_settings_are_shown_with_their_sources(examine, tmp_path):
    path = tmp_path / "c.toml"
    path.write_text("interval = '9s'\nproxy = 'http://127.0.0.1:1'\n")
    _, checks = examine("--config", str(path), "--budget", "60/min", SEEKR_TEAM_ID="blue")
    assert checks["config"].detail == f"{path}, profile default"
    assert checks["setting.interval"].detail == f"9.0 (from {path})"
    assert checks["setting.budget"].detail == "60 (from --budget)"
    assert checks["setting.team"].detail == "blue (from SEEKR_TEAM_ID)"
    assert "127.0.0.1:1" not in checks["setting.proxy"].detail
    assert "through the proxy" in checks["address"].detail


@pytest.mark.parametrize(
    ("address", "state", "said"),
    [
        ("https://hooks.slack.com/T0P-SECRET", "ok", "from FLOWTUI_WEBHOOK: Slack (not shown)"),
        ("https://a.b.logic.azure.com/T0P-SECRET", "ok", "from FLOWTUI_WEBHOOK: Microsoft Teams (not shown)"),
        ("https://T0P-SECRET.example/x", "ok", "from FLOWTUI_WEBHOOK: an address that gets plain JSON (not shown)"),
        ("T0P-SECRET", "fail", "What FLOWTUI_WEBHOOK gives is no address of a webhook"),
    ],
)  # fmt: skip
def test_the_webhook_is_checked_and_not_shown(address, state, said, examine):
    code, checks = examine("--base-url", "http://127.0.0.1:9", FLOWTUI_WEBHOOK=address)
    assert (checks["webhook"].state, checks["webhook"].detail) == (state, said)
    assert code == (3 if state == "ok" else 2)
    assert "T0P-SECRET" not in str(checks)


def test_without_a_webhook_there_is_no_such_check(examine):
    assert "webhook" not in examine("--base-url", "http://127.0.0.1:9")[1]


def test_an_empty_ca_bundle_fails_the_connection_check(examine, tmp_path):
    empty = tmp_path / "ca.pem"
    empty.write_text("")
    code, checks = examine("--ca-bundle", str(empty), "--base-url", "https://127.0.0.1:9")
    assert (code, checks["connection"].state) == (2, "fail")


@pytest.mark.parametrize(
    ("fault", "state", "said"),
    [
        ("clock-skew:300", "warn", "5m 00s behind"),
        ("clock-skew:1", "ok", "to 2 s"),
        ("no-date", "warn", "does not say its time"),
    ],
)
def test_a_clock_difference_is_a_warning(fault, state, said, examine, simulator):
    simulator.add_fault(fault)
    code, checks = examine()
    assert (code, checks["clock"].state) == (0, state)
    assert said in checks["clock"].detail


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("html@threads", ("access", "fail", 3)),
        ("forbidden@threads", ("access", "fail", 3)),
        ("redirect@threads", ("access", "fail", 3)),
        ("rate-limit@threads", ("access", "fail", 3)),
        ("unavailable@threads", ("access", "fail", 3)),
        ("server-error:1@threads", ("access", "warn", 0)),
        ("reset@threads", ("access", "fail", 3)),
        ("html@agents", ("agents", "warn", 0)),
        ("not-found@agents", ("agents", "warn", 0)),
        ("body:[]@agents", ("agents", "warn", 0)),
        ("body:[]@threads", ("threads", "warn", 0)),
        ("remaining:6@threads", ("limits", "warn", 0)),
        ("remaining:99@threads", ("limits", "ok", 0)),
        ("error-escape@threads", ("access", "fail", 3)),
    ],
)
def test_faults_of_the_server_are_reported(fault, expected, examine, simulator):
    simulator.add_fault(fault)
    name, state, code = expected
    got, checks = examine()
    assert (got, checks[name].state) == (code, state)


def test_an_echoed_key_is_not_printed(flowtui, simulator):
    simulator.add_fault("body:hunter2-key@threads")
    assert flowtui("doctor", "-o", "json") == 3  # the fixture `flowtui` asserts that no output holds the key


def around(lack="", size=(120, 36), encoding="utf-8", **environ):
    return Surroundings(lack, size, encoding, {"TERM": "xterm-256color", "COLORTERM": "truecolor", **environ})


@pytest.mark.parametrize(
    ("there", "wrong"),
    [
        (around(), []),
        (around("stdout"), ["terminal"]),
        (around(TERM="dumb"), ["terminal"]),
        (around(size=(59, 20)), ["terminal"]),
        (around(COLORTERM=""), []),
        (around(COLORTERM="", TERM="xterm"), ["colours"]),
        (around(encoding="latin-1"), ["text"]),
        (around(TMUX="/tmp/x", TERM="tmux-256color"), []),
        (around(TMUX="/tmp/x", COLORTERM=""), ["multiplexer"]),
        (around(STY="1.pts", TERM="screen", COLORTERM=""), ["colours", "multiplexer"]),
    ],
)
def test_each_lack_of_the_terminal_is_a_warning_with_a_cure(there, wrong):
    checks = terminal_checks(there, Settings())
    assert [check.name for check in checks if check.state != "ok"] == wrong
    assert all(check.state == "ok" or check.cure for check in checks)


def test_tls_version_and_end_of_the_certificate():
    settings, now = Settings(), 1_000_000.0

    def state(link):
        return [check.state for check in doctor_server._tls(link, settings, now)]

    assert state(Connection("1.2.3.4:443", "TLSv1.3", now + 90 * 86400)) == ["ok"]
    assert state(Connection("1.2.3.4:443", "TLSv1.3", now + 86400)) == ["warn"]
    assert state(Connection("1.2.3.4:443", "TLSv1.3", None)) == ["ok"]
    assert state(None) == []


def test_address_tls_version_and_certificate_end_are_read_from_a_stream():
    secured = SimpleNamespace(
        version=lambda: "TLSv1.3", getpeercert=lambda: {"notAfter": "Jan  1 00:00:00 2027 GMT"}
    )
    infos = {"server_addr": ("::1", 443, 0, 0), "ssl_object": secured}
    assert connection_of(SimpleNamespace(get_extra_info=infos.get)) == Connection(
        "::1:443", "TLSv1.3", 1_798_761_600.0
    )
    assert connection_of(SimpleNamespace(get_extra_info={}.get)) == Connection("", "", None)
    assert connection_of(None) is None


def test_exit_codes_and_plain_signs():
    bad = Check("key", "fail", "none", "set one", 2)
    worse = Check("access", "fail", "401")
    assert [exit_code(checks) for checks in ([], [worse], [worse, bad])] == [0, 3, 2]
    assert as_lines([bad], ascii_only=True) == "x fail  key  none  ->  set one\n"


async def test_a_slow_server_is_a_warning():
    answers = [SimpleNamespace(elapsed=seconds) for seconds in (0.1, 3.0, 4.0)]
    assert doctor_server._latency(answers).state == "warn"
    assert doctor_server._access([], [ServerError("GET: 503", status=503)]).code == 3
