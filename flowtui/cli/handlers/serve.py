"""`flowtui serve`: the dashboard in a browser of this machine, over textual-serve (the extra `web`).

There is no login, so the server listens on 127.0.0.1 only. A web site in the same browser could still send requests to
this server, so requests to other host names or from other sites are refused. The dashboard's page loads nothing from
other servers.
"""

from __future__ import annotations

import asyncio
import contextlib
import shlex
import signal
import socket
import sys
from collections.abc import Awaitable, Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final

from flowtui.cli.command import Call
from flowtui.cli.options.options import COMMON, SCREEN, SIMULATOR, given_words
from flowtui.config.settings import Settings
from flowtui.errors import UsageError

HOST: Final = "127.0.0.1"
DASH: Final = "dash"
DEMO: Final = "demo"
SERVER: Final = "textual-serve>=1.1.3,<2"
"""The requirement of the extra `web` in pyproject.toml."""

_GRACE: Final = 2.0  # at the end, wait so many seconds for the dashboards of open pages to end
_Handler = Callable[[Any], Awaitable[Any]]


def serve(call: Call) -> int:
    """Print the address on stdout, and serve until a signal comes. Return 128 plus the number of the signal.

    Raises:
        UsageError: textual-serve is not installed, the port is taken, or the dashboard could not start with these
            options.
    """
    web, textual_serve = _import_server()
    settings = _check_settings(call)
    listener = _listen(call.options.port)
    address = f"http://{HOST}:{listener.getsockname()[1]}"
    server = textual_serve.Server(command_line(call), host=HOST, title="flowtui", public_url=address)
    warning = "there is no login: every user of this machine can open this address"
    if settings.allow_actions:
        warning += " and cancel runs there"
    return asyncio.run(_run(web, server, listener, address, warning))


def command_line(call: Call) -> str:
    """Return the command that runs the dashboard of one page, quoted for the shell in which textual-serve runs it.

    With -P, Python imports nothing from the working directory. The key is not in the command but in the environment.
    """
    options = given_words((*COMMON, *SCREEN), call.options)
    if call.words == [DEMO]:
        words = [DEMO, *options, *given_words(SIMULATOR, call.options)]
    else:
        threads = call.words[1:] if call.words[:1] == [DASH] else call.words
        words = [DASH, *options, "--", *threads]
    return shlex.join([sys.executable, "-P", "-m", "flowtui", *words])


def _import_server() -> tuple[Any, Any]:
    try:
        return import_module("aiohttp.web"), import_module("textual_serve.server")
    except ImportError:
        raise UsageError(
            "`flowtui serve` needs textual-serve, which is not installed",
            hint=f"Run `{_installing()}`",
        ) from None


def _installing() -> str:
    """Return the command that installs textual-serve for the Python that runs flowtui.

    It cannot install `flowtui[web]`, because no package index has flowtui.
    """
    if find_spec("pip") is not None:
        return shlex.join([sys.executable, "-m", "pip", "install", SERVER])
    return shlex.join(
        ["uv", "pip", "install", "--python", sys.executable, SERVER]
    )  # environments made by uv have no pip


def _check_settings(call: Call) -> Settings:
    """Return the dashboard's settings. If they are wrong, the error is raised here: the page in the browser cannot show it."""
    from flowtui.cli.call_settings import settings_of  # noqa: PLC0415
    from flowtui.cli.handlers.screens import filter_of  # noqa: PLC0415

    settings = settings_of(call, use_file=call.words != [DEMO])
    filter_of(settings)
    return settings


def _listen(port: int) -> socket.socket:
    try:
        return socket.create_server((HOST, port))
    except OSError as error:
        raise UsageError(
            f"Cannot listen on {HOST}:{port}: {error.strerror}", hint="--port 0 picks a free port"
        ) from None


async def _run(web: Any, server: Any, listener: socket.socket, address: str, warning: str) -> int:
    server.on_startup = _no_banner  # so that textual-serve prints no banner on stdout
    app = await server._make_app()  # noqa: SLF001  serve() would bind a socket of its own and not tell its port
    app.middlewares.append(_guard(web, address))
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_GRACE)
    await runner.setup()
    await web.SockSite(runner, listener).start()
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[int] = loop.create_future()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, _end, ended, number)
    sys.stdout.write(f"{address}\n")
    sys.stdout.flush()
    sys.stderr.write(f"flowtui: {warning}. ctrl+c ends it\n")
    # textual-serve copies a dashboard's stderr to stdout; here it goes to stderr.
    with contextlib.redirect_stdout(sys.stderr):
        caught = await ended
        await runner.cleanup()
    return 128 + caught


async def _no_banner(_app: Any) -> None:
    """Print nothing: replaces the method that prints textual-serve's banner."""


def _end(ended: asyncio.Future[int], number: int) -> None:
    if not ended.done():
        ended.set_result(number)


def _guard(web: Any, address: str) -> Any:
    """Return a middleware that refuses requests to another host name or from a page of another site."""
    own = {address, address.replace(HOST, "localhost")}
    socket_address = address.replace("http:", "ws:")
    policy = (
        f"default-src {address}; connect-src {address} {socket_address}; img-src {address} data: blob:; "
        f"font-src {address} data:; script-src {address} 'unsafe-inline'; style-src {address} 'unsafe-inline'; "
        "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    )

    async def guard(request: Any, handler: _Handler) -> Any:
        origin = request.headers.get("Origin")
        if f"http://{request.headers.get('Host', '')}" not in own or origin not in (None, *own):
            raise web.HTTPForbidden(text="This address is for a browser on this machine only.\n")
        response = await handler(request)
        if not response.prepared:
            response.headers["Content-Security-Policy"] = policy
            response.headers["Referrer-Policy"] = "no-referrer"
            response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    return web.middleware(guard)
