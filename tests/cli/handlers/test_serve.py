"""`flowtui serve`: the dashboard in a browser of this machine only, and no key on any command line."""

import asyncio
import os
import re
import shlex
import signal
import socket
import sys
import tomllib
from contextlib import contextmanager
from pathlib import Path

import pytest

from flowtui.cli import main
from flowtui.cli.arguments import parse
from flowtui.cli.commands import COMMANDS
from flowtui.cli.handlers import serve
from flowtui.cli.handlers.serve import SERVER, _listen, command_line

from ... import processes

ROOT = Path(__file__).resolve().parents[3]
PATIENCE = processes.PATIENCE
SECRET = "sk-hunter2"


@pytest.mark.parametrize(
    ("words", "command"),
    [
        ([], ["dash", "--"]),
        (["demo"], ["demo"]),
        (["dash", "demo"], ["dash", "--", "demo"]),
        (["thr_1", "--team", "blue", "--no-color"], ["dash", "--team=blue", "--no-color", "--", "thr_1"]),
        (["--filter=-x", "--theme=day"], ["dash", "--theme=day", "--filter=-x", "--"]),
        (["--", "-odd", "$(touch ran)"], ["dash", "--", "-odd", "$(touch ran)"]),
        (
            ["demo", "--seed", "9", "--threads", "2", "--fault", "slow:2", "--fault", "gzip", "--speed", "4"],
            ["demo", "--seed=9", "--threads=2", "--speed=4.0", "--fault=slow:2", "--fault=gzip"],
        ),
        (["--profile", "a b;c", "--port", "0"], ["dash", "--profile=a b;c", "--"]),
    ],
)
def test_options_reach_the_dashboard_quoted_for_the_shell(words, command):
    line = command_line(parse(["serve", *words], COMMANDS, {"SEEKR_API_KEY": SECRET}))
    assert shlex.split(line) == [sys.executable, "-P", "-m", "flowtui", *command]
    assert SECRET not in line
    child = parse(shlex.split(line)[4:], COMMANDS, {})
    mine = parse(["serve", *words], COMMANDS, {}).options
    assert all(getattr(mine, name) == value for name, value in vars(child.options).items())


@pytest.mark.parametrize("evil", ["; touch ran", "`touch ran`", "$(touch ran)", "'\"; touch ran #", "a\nb"])
def test_a_shell_reads_each_argument_as_one_word(evil, tmp_path):
    line = command_line(parse(["serve", "--team", "x", "--", evil], COMMANDS, {}))
    _, _, rest = line.partition(" -m flowtui ")
    shown = f"{shlex.quote(sys.executable)} -c 'import sys; print(ascii(sys.argv[1:]))' {rest}"
    done = processes.run(["sh", "-c", shown], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.strip() == ascii(["dash", "--team=x", "--", evil])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "words",
    [
        ["--host", "0.0.0.0"],
        ["demo", "thr_1"],
        ["--seed", "3"],
        ["thr_1", "--fault", "slow"],
        ["--port", "70000"],
        ["--port", "x"],
        ["--filter", "status:("],
        ["--profile", "nope"],
        [""],
    ],
)
def test_wrong_words_and_options_of_serve_are_usage_errors(words, capsys):
    pytest.importorskip("textual_serve")
    assert main(["serve", *words], {}) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("flowtui: error: ")


@pytest.mark.parametrize("missing", ["textual_serve.server", "aiohttp.web"])
def test_without_the_extra_serve_says_how_to_install_it(missing, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, missing, None)
    assert main(["serve", "demo"], {}) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert f"Run `{sys.executable} -m pip install '{SERVER}'`" in err


def test_without_pip_the_install_command_uses_uv(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "textual_serve.server", None)
    monkeypatch.setattr(serve, "find_spec", lambda _: None)
    assert main(["serve", "demo"], {}) == 2
    said = re.search(r"Run `(.*)`", capsys.readouterr().err)
    assert shlex.split(said[1]) == ["uv", "pip", "install", "--python", sys.executable, SERVER]


def test_the_install_command_has_the_requirement_of_the_extra():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["optional-dependencies"]["web"] == [SERVER]


def test_a_taken_port_is_an_error_that_names_it(capsys):
    pytest.importorskip("textual_serve")
    with _listen(0) as taken:
        address, port = taken.getsockname()
        assert address == "127.0.0.1"
        assert main(["serve", "demo", "--port", str(port)], {}) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert f"127.0.0.1:{port}" in err
    assert "--port 0" in err


@contextmanager
def serving(tmp_path, *words):
    """Yield (process, address) of a server in a process group of its own."""
    pytest.importorskip("textual_serve")
    environ = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "SEEKR_API_KEY": SECRET,
    }
    command = [sys.executable, "-m", "flowtui", "serve", *words, "--port", "0"]
    pipes = dict.fromkeys(("stdout", "stderr"), processes.PIPE)
    with processes.Process(command, env=environ, text=True, cwd=tmp_path, **pipes) as process:
        yield process, process.stdout.readline().strip()


def commands_of_group(group):
    """Return the command lines of all processes of a group that are not dead."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if int(fields[2]) == group and fields[0] != "Z":
            found.append(command)
    return found


async def all_gone(group):
    """Wait until no process of a group is left."""
    async with asyncio.timeout(PATIENCE):
        while commands_of_group(group):  # noqa: ASYNC110  other processes set no event
            await asyncio.sleep(0.1)


async def drawn(session, address, words):
    """Open a page's WebSocket and return (it, the bytes until every one of `words` was drawn)."""
    import aiohttp  # noqa: PLC0415  only there with the extra

    page = await session.ws_connect(f"{address}/ws?width=120&height=40", headers={"Origin": address})
    seen = b""
    async with asyncio.timeout(PATIENCE):
        while not all(word in seen for word in words):
            message = await page.receive()
            assert message.type in (aiohttp.WSMsgType.BINARY, aiohttp.WSMsgType.TEXT), (
                f"it ended: {seen[-500:]}"
            )
            seen += message.data if message.type == aiohttp.WSMsgType.BINARY else b""
    return page, seen


async def test_page_and_dashboard_are_served_on_loopback_until_the_server_ends(tmp_path):
    with serving(tmp_path, "demo") as (process, address):
        assert address.startswith("http://127.0.0.1:")
        import aiohttp  # noqa: PLC0415

        async with aiohttp.ClientSession() as session:
            async with session.get(address) as answer:
                page = await answer.text()
                policy = answer.headers["Content-Security-Policy"]
            assert answer.status == 200
            assert f'data-session-websocket-url="{address.replace("http", "ws")}/ws"' in page
            assert "frame-ancestors 'none'" in policy
            assert all(part in ("ws:", "data:", "blob:") or "//127.0.0.1:" in part
                       for part in policy.replace(";", "").split() if ":" in part)  # fmt: skip
            socket_page, seen = await drawn(session, address, [b"simulator", b"STATUS"])
            assert SECRET.encode() not in seen
            lines = commands_of_group(process.pid)
            assert len(lines) >= 2
            assert not any(SECRET in line for line in lines)
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(PATIENCE):
                while not (await socket_page.receive()).type.name.startswith("CLOS"):
                    pass
                out, err = await asyncio.to_thread(process.communicate)
        assert (process.returncode, out) == (143, "")
        assert err.count("no login") == 1
        assert SECRET not in err
        await all_gone(process.pid)


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/", {"Host": "evil.example"}),
        ("/", {"Host": "127.0.0.1.evil.example"}),
        ("/", {"Origin": "https://evil.example"}),
        ("/ws", {"Origin": "https://evil.example"}),
        ("/ws", {"Origin": "null"}),
        ("/ws", {"Host": "evil.example", "Origin": "http://evil.example"}),
        ("/static/js/textual.js", {"Host": "evil.example"}),
    ],
)
async def test_requests_from_other_sites_are_refused(path, headers, served):
    import aiohttp  # noqa: PLC0415

    upgrade = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "x3JJHMbDL1EzLkh9GBhXDw==",
    }
    async with aiohttp.ClientSession() as session:
        given = {**headers, **(upgrade if path == "/ws" else {})}
        async with session.get(served + path, headers=given) as answer:
            assert answer.status == 403


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("served"), "demo") as (_, address):
        yield address


def test_serve_listens_only_on_loopback(served):
    port = int(served.rpartition(":")[2])
    others = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), port, type=socket.SOCK_STREAM)}
    for other in (others | {"::1"}) - {"127.0.0.1"}:
        with pytest.raises(OSError, match=r"."):
            socket.create_connection((other, port), timeout=2).close()


async def test_a_dashboard_ends_when_its_server_is_killed(tmp_path):
    with serving(tmp_path, "demo") as (process, address):
        import aiohttp  # noqa: PLC0415

        async with aiohttp.ClientSession() as session:
            await drawn(session, address, [b"STATUS"])
            process.kill()
            await asyncio.to_thread(process.wait)
            await all_gone(process.pid)
