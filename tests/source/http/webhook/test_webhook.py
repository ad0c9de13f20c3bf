"""The webhook over real HTTP: what is sent, retried, refused, and that neither key nor address is shown anywhere."""

from __future__ import annotations

import asyncio
import logging
import socket

import pytest
from pydantic import SecretStr

from flowtui.config.settings import Settings
from flowtui.errors import ConfigError
from flowtui.source.http.key_mask import mask_text
from flowtui.source.http.webhook.webhook import LONGEST_PAUSE, MOST_WAITING, PAUSES, Webhook, _outage

from ....faults.raw_server import answer, cuts, says_nothing
from ....webhook_receiver import PATH, SECRET, Receiver

KEY = "sk-very-secret-0123"
NOTICE = {"v": 1, "text": "run_1 <b> & failed", "title": "Watched run", "reason": "crm #", "link": None}


class Seat:
    """Runs a webhook whose pauses take no time. `pauses`: those that it made; `said`: what it reported."""

    def __init__(self, address, *, chance=0.0, **settings):
        self.pauses, self.said, self._new = [], [], asyncio.Event()
        self.webhook = Webhook(
            Settings(**settings),
            lambda: SecretStr(address),
            lambda text: mask_text(text, KEY),
            sleep=self._sleep,
            chance=lambda: chance,
        )

    async def __aenter__(self):
        self.task = asyncio.create_task(self.webhook.run(self._report))
        return self

    async def __aexit__(self, *_):
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)

    async def _sleep(self, seconds):
        self.pauses.append(seconds)
        await asyncio.sleep(0)

    def _report(self, wrong):
        self.said.append(wrong)
        self._new.set()

    async def sends(self, *notices):
        """Put notices, and wait until each was reported."""
        wanted = len(self.said) + len(notices)
        assert all(self.webhook.put(notice) for notice in notices)
        while len(self.said) < wanted:
            self._new.clear()
            await self._new.wait()
        return self.said[-1]


async def test_a_notice_is_posted_as_json_without_the_key():
    async with Receiver() as hook, Seat(hook.address, team="team_1") as seat:
        assert await seat.sends(NOTICE, {**NOTICE, "text": f"the key {KEY} here"}) == ""
    (head, _), (again, _) = hook.requests
    assert head.startswith(f"POST {PATH} HTTP/1.1\r\n")
    assert "content-type: application/json" in head.lower()
    for unwanted in ("authorization", "x-team-id", "cookie", "team_1"):
        assert unwanted not in (head + again).lower()
    first, second = hook.bodies
    assert first == {**NOTICE, "text": "Watched run: run_1 &lt;b&gt; &amp; failed"}
    assert second["text"] == "Watched run: the key *** here"
    assert KEY not in "".join(head + body for head, body in hook.requests)


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent"])
async def test_no_redirect_is_followed(status):
    async with Receiver() as other:
        moved = answer(b"", status=status, Location=other.address)
        async with Receiver(moved) as hook, Seat(hook.address) as seat:
            said = await seat.sends(NOTICE)
    assert said == f"it answers {status[:3]}, and no redirect is followed"
    assert len(hook.requests) == 1
    assert not other.requests


async def test_what_may_pass_is_tried_again_with_growing_pauses():
    wrong = (answer(status="500 Oops"), cuts, answer(status="429 Slow", Retry_After="40"))
    async with Receiver(*wrong) as hook, Seat(hook.address, chance=0.5) as seat:
        assert await seat.sends(NOTICE) == ""
    assert seat.pauses[:3] == [0.75, 3.75, 40.0]
    assert len({body for _, body in hook.requests}) == 1
    assert len(hook.requests) == 4


async def test_after_four_tries_a_notice_is_given_up_and_the_next_one_sent():
    failing = [answer(status="503 Busy", Retry_After="9999")] * 4
    async with Receiver(*failing) as hook, Seat(hook.address) as seat:
        assert await seat.sends(NOTICE, NOTICE) == ""
    assert seat.said == ["it answers 503", ""]
    assert seat.pauses[:3] == [LONGEST_PAUSE] * len(PAUSES)


@pytest.mark.parametrize("status", ["400 Bad", "401 No", "404 Gone", "410 Gone"])
async def test_a_refusal_is_final(status):
    async with Receiver(answer(b"invalid_payload", status=status)) as hook, Seat(hook.address) as seat:
        assert await seat.sends(NOTICE) == f"it answers {status[:3]}"
    assert len(hook.requests) == 1


async def test_a_webhook_that_says_nothing_is_not_waited_for(caplog):
    async with Receiver(*[says_nothing] * 4) as hook, Seat(hook.address, request_timeout=0.05) as seat:
        assert await seat.sends(NOTICE) == "no answer within 0.05 s"
    assert len(seat.pauses) >= len(
        PAUSES
    )  # on a busy machine not each of the tries was read within that time


async def test_neither_address_nor_key_is_in_any_message_or_log(caplog):
    caplog.set_level(logging.DEBUG, "flowtui")
    async with Receiver() as hook:
        address = hook.address
    for wrong in (address, address.replace("http:", "https:")):
        async with Seat(wrong) as seat:
            said = await seat.sends(NOTICE)
        assert said
        assert not any(part in said for part in (SECRET, "127.0.0.1", KEY))
        assert SECRET not in repr(seat.webhook)
    assert SECRET not in caplog.text


async def test_an_address_with_the_key_or_none_is_reported_once_and_nothing_is_sent():
    async with Receiver() as hook:
        async with Seat(f"{hook.address}&key={KEY}") as seat:
            await seat.task
        assert seat.said == ["The webhook's address holds the API key, so nothing is sent to it"]
        assert not hook.requests
    failing = Seat("x")
    failing.webhook._load = _fails
    async with failing:
        await failing.task
    assert failing.said == ["webhook_command failed with exit code 1. Run it by hand"]


def test_the_cause_of_an_outage_is_said_without_the_host():
    unknown = OSError()
    unknown.__cause__ = socket.gaierror(-2, f"unknown {SECRET}")
    assert _outage(unknown) == "its host is not known"
    assert _outage(ConnectionResetError(SECRET)) == "the connection failed (ConnectionResetError)"


def _fails():
    raise ConfigError("webhook_command failed with exit code 1", hint="Run it by hand")


async def test_what_was_not_sent_at_the_end_is_counted_also_what_was_under_way():
    arrived = asyncio.Event()

    async def hangs(_):
        arrived.set()
        await asyncio.Event().wait()

    async with Receiver(answer(b"ok"), hangs) as hook, Seat(hook.address) as seat:
        await seat.sends(NOTICE)
        assert seat.webhook.unsent == 0
        assert all(seat.webhook.put(NOTICE) for _ in range(3))
        await arrived.wait()
    assert seat.webhook.unsent == 3


async def test_the_queue_is_bounded():
    seat = Seat("http://127.0.0.1:9/")
    assert all(seat.webhook.put(NOTICE) for _ in range(MOST_WAITING))
    assert not seat.webhook.put(NOTICE)


async def test_the_proxy_of_the_settings_is_used_and_none_of_the_environment(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    async with Receiver() as proxy, Receiver() as hook:
        async with Seat(hook.address) as seat:
            assert await seat.sends(NOTICE) == ""
        through = proxy.address.removesuffix(PATH)
        async with Seat(hook.address, proxy=through) as seat:
            assert await seat.sends(NOTICE) == ""
    assert [head.split(" ")[1] for head, _ in hook.requests + proxy.requests] == [PATH, hook.address]


async def test_certificates_are_those_of_the_settings(tmp_path):
    empty = tmp_path / "ca.pem"
    empty.write_text("")
    async with Seat(f"https://127.0.0.1:9{PATH}", ca_bundle=str(empty)) as seat:
        await seat.task
    (said,) = seat.said
    assert "holds no certificates" in said
    assert SECRET not in said
