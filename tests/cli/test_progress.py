"""What a command says on stderr while it reads: at once on a terminal, after some seconds in a log, and nothing at the end."""

import io

from flowtui.cli.progress import ProgressLine

ERASE = "\r\x1b[K"


class Told:
    """A progress with a clock, and what it wrote since the last look."""

    def __init__(self, *, live):
        self.now, self.stream = 0.0, io.StringIO()
        self.progress = ProgressLine(self.stream, lambda: self.now, live=live)

    def take(self):
        said = self.stream.getvalue()
        self.stream.seek(0)
        self.stream.truncate()
        return said


def test_on_a_terminal_one_line_is_rewritten_and_erased():
    told = Told(live=True)
    with told.progress.reading("the list of threads", "thread"):
        assert told.take() == f"{ERASE}flowtui: reading the list of threads"
    assert told.take() == ERASE
    with told.progress.reading("runs", "thread", 1000):
        assert told.take() == f"{ERASE}flowtui: reading runs: 0 of 1,000 threads", (
            "what comes next is said at once"
        )
        told.progress.got(1)
        assert told.take() == "", "ten times a second is enough"
        told.now = 0.2
        told.progress.step()
        assert told.take() == f"{ERASE}flowtui: reading runs: 1 of 1,000 threads, 1 run"
        told.progress.pause(50.0)
        assert "1 of 1,000 threads, 1 run; waiting" in told.take()
    assert told.take() == ERASE


def test_a_line_too_long_for_the_terminal_is_cut():
    told = Told(live=True)
    with told.progress.reading("runs", "thread", 1000):
        told.progress.pause(50.0)
        assert len(told.take().rpartition(ERASE)[2]) <= 79


def test_a_log_gets_a_line_after_some_seconds_and_then_rarely():
    told = Told(live=False)
    with told.progress.reading("why runs failed", "run", 300):
        for told.now in (1.0, 11.9, 12.0, 12.1, 41.9, 42.0):
            told.progress.step()
    assert told.take() == (
        "flowtui: reading why runs failed: 3 of 300 runs\nflowtui: reading why runs failed: 6 of 300 runs\n"
    )


def test_a_pause_for_the_request_budget_is_said_once():
    told = Told(live=False)
    with told.progress.reading("runs", "thread", 400):
        told.progress.pause(2.0)
        assert told.take() == ""
        for _ in range(5):
            told.progress.pause(58.0)
        assert told.take() == (
            "flowtui: reading runs: 0 of 400 threads; waiting, as the request budget of this minute is used up\n"
        )
