"""When the simulator stops, all clients are disconnected, also those that are just connecting."""

from __future__ import annotations

import socket
from contextlib import ExitStack, suppress

from flowtui.simulator.server import Simulator

ROUNDS, CLIENTS = 10, 4
PATIENCE = 30.0  # seconds of real time; a forgotten connection would stay open


def test_a_client_that_connects_during_the_stop_is_disconnected():
    for _ in range(ROUNDS):
        with ExitStack() as clients:
            with Simulator(threads=1, runs=2) as running:
                address = ("127.0.0.1", int(running.url.rsplit(":", 1)[1]))
                connected = [
                    clients.enter_context(socket.create_connection(address, PATIENCE)) for _ in range(CLIENTS)
                ]
            for client in connected:
                with suppress(ConnectionError):
                    assert client.recv(1) == b""
