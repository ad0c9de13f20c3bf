"""Opening a run's page: its address comes from the setting `run_url`, and the browser never gets the API key."""

from __future__ import annotations

from flowtui.ui.actions import browser
from flowtui.ui.actions.browser import launch_browser, open_page

from ..services import FakeServices, Said

URL = "https://ui/{thread_id}?run={run_id}"


def test_the_address_has_the_quoted_ids_and_is_said(a_run):
    services, opened = FakeServices(), []
    open_page(a_run("run/1 \x1b&", thread="thr_漢?"), URL, opened.append, services.say)
    [address] = opened
    assert address == "https://ui/thr_%E6%BC%A2%3F?run=run%2F1%20%1B%26"
    assert services.said == [Said(f"Opened {address}", "", "information", 3)]


def test_a_control_character_in_the_setting_is_not_shown(a_run):
    services = FakeServices()
    open_page(a_run(), "https://ui/\x1b[2J{run_id}", lambda _address: None, services.say)
    assert services.texts == ["Opened https://ui/␛[2Jrun_1"]


def test_without_the_setting_nothing_is_opened_and_the_user_is_told_to_set_it(a_run):
    services, opened = FakeServices(), []
    open_page(a_run(), None, opened.append, services.say)
    assert opened == []
    assert services.said == [
        Said("Set run_url in the config file to say where a run's page is", "", "information", 4)
    ]


def test_a_process_of_its_own_opens_the_page_with_the_given_environment_only(monkeypatch):
    started, threads = [], []

    class Thread(browser.threading.Thread):
        def __init__(self, **how):
            super().__init__(**how)
            threads.append(self)

    monkeypatch.setattr(browser.subprocess, "run", lambda command, **how: started.append((command, how)))
    monkeypatch.setattr(browser.threading, "Thread", Thread)
    monkeypatch.setenv("SEEKR_API_KEY", "secret")
    launch_browser({"PATH": "/bin"}, "https://ui/$HOME; ls")
    [thread] = threads
    thread.join()
    assert thread.daemon  # flowtui ends without waiting for a browser
    [(command, how)] = started
    assert command[1:] == ["-I", "-m", "webbrowser", "-t", "https://ui/$HOME; ls"]
    assert how["env"] == {"PATH": "/bin"}
    assert how["start_new_session"]
    assert not how.get("shell")


def test_if_no_process_can_be_started_nothing_happens(monkeypatch):
    tried = []

    def run(command, **_how):
        tried.append(command)
        raise OSError("no such program")

    monkeypatch.setattr(browser.subprocess, "run", run)
    browser._browse("https://ui", {})
    assert len(tried) == 1
