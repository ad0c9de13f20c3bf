"""The table of commands. An entry defines a command, its help with examples, and its line in `flowtui -h`.

Each handler is imported only when it runs, so that help and version are fast.
"""

from __future__ import annotations

from typing import Final

from flowtui.cli.command import DASH, Command, Commands, Lazy
from flowtui.cli.completion import script
from flowtui.cli.handlers import help_topics
from flowtui.cli.options import checks
from flowtui.cli.options.options import (
    BRIEF,
    FAILURES,
    OUTPUT,
    PAGES,
    RUN_OUTPUT,
    RUN_PAGES,
    SCREEN,
    SIMULATOR,
    STATS,
    Option,
    option,
    output,
    switch,
    value,
    whole_number,
)
from flowtui.cli.options.watch_options import WATCH


def _handler(module: str, name: str) -> Lazy:
    return Lazy(f"flowtui.cli.handlers.{module}", name)


_ALL: Final = (
    Command(
        name=DASH,
        usage="[THREAD ...] ",
        summary="The dashboard: the runs of the threads, live. With no THREAD: every thread of the key's owner.",
        options=SCREEN,
        run=_handler("screens", "dash"),
        examples=(
            ("flowtui", "every thread"),
            ("flowtui thr_9a thr_b2", "two threads"),
            ("flowtui dash runs", "a thread called runs"),
            ("flowtui --interval 5s --budget 60/min", "fewer requests"),
        ),
    ),
    Command(
        name="demo",
        summary="The dashboard on the built-in simulator, over real HTTP on this machine; needs no key.",
        options=(*SCREEN, *SIMULATOR),
        check=checks.no_words,
        run=_handler("screens", "demo"),
        examples=(
            ("flowtui demo", "6 threads"),
            ("flowtui demo --threads 40 --speed 4", "40 threads, time passes 4 times as fast"),
            ("flowtui demo --fault slow:2", "a slow server"),
        ),
    ),
    Command(
        name="watch",
        usage="[THREAD ...] ",
        summary="Watch runs without a screen until there is a verdict, for scripts and deployments.\n"
        "With no THREAD: every thread of the key's owner, new ones too. Exit codes: `flowtui help exit-codes`.",
        options=WATCH,
        check=checks.watched,
        run=_handler("watch", "watch"),
        examples=(
            ("flowtui watch thr_9a", "until every run of the thread has ended"),
            ("flowtui watch --agent checkout --first 3", "the first three runs after a deployment"),
            ("flowtui watch --label release=42 --first 3", "new runs that were created with this metadata"),
            ("flowtui watch thr_9a --latest --fail-fast -o jsonl", "the newest run, for a script"),
            ("flowtui watch --for idle --settle 30s", "until no run is active any more"),
            ("flowtui watch thr_9a --for has:error --timeout 5m", "until something fails"),
            ("flowtui watch thr_9a --once -o none", "only an exit code, at once"),
            ("flowtui watch --since mark:r42 --compare 2h --gate 'failure_rate <= 5%'", "is a release good?"),
        ),
    ),
    Command(
        name="runs",
        usage="[THREAD ...] ",
        summary="Print the runs of the threads and exit: 0 if every answer was complete, else 3.\n"
        "With no THREAD: every thread of the key's owner. With --since, a table or csv comes from the history if that knows\n"
        "all runs of this time; JSON has all fields of the API, so it always comes from there. stderr says which.",
        options=RUN_PAGES,
        check=checks.runs,
        run=_handler("one_shot", "runs"),
        examples=(
            ("flowtui runs", "the newest 20 of every thread"),
            ("flowtui runs thr_9a --all -o jsonl", "every run, one JSON object per line"),
            (
                "flowtui runs thr_9a -o csv --columns run,status,label.env",
                "with a field of the raw JSON as a column",
            ),
            ("flowtui runs --filter status:failed --columns run,reason", "why runs failed"),
            ("flowtui runs thr_9a --sort tokens:desc", "the runs with the most tokens first"),
            ("flowtui runs --all --filter has:error", "all runs that failed or are unreadable"),
            ("flowtui runs --since 18:00 --until 07:00", "every run created last night"),
            ("flowtui runs -- -odd-id", "an id that begins with -"),
        ),
    ),
    Command(
        name="threads",
        summary="Print the threads, newest first, and exit: 0 if every answer was complete, else 3.",
        options=PAGES,
        check=checks.pages_only,
        run=_handler("one_shot", "threads"),
        examples=(
            ("flowtui threads", "the newest 20"),
            ("flowtui threads --all -o json", "all, as one JSON document"),
        ),
    ),
    Command(
        name="run",
        usage="RUN_ID [-t THREAD] ",
        summary="Print every field of one run, with its instructions and tools.\n"
        "RUN_ID and THREAD may be parts of ids, such as the end that tables show (…8f2c41d0 or 8f2c41d0).",
        options=(
            option(
                "-t",
                "--thread",
                metavar="THREAD",
                help="the thread it is on; without it, spans or the newest runs of the newest threads are searched",
            ),
            RUN_OUTPUT,
        ),
        check=checks.one_run,
        run=_handler("one_shot", "run"),
        examples=(
            ("flowtui run run_71 -t thr_9a", "as text, for people"),
            ("flowtui run 8f2c41d0", "the only run with this in its id; its thread is searched for"),
            ("flowtui run run_71 -t thr_9a -o json", "the API's JSON, and what flowtui derives from it"),
            (
                "flowtui run run_71 -t thr_9a -o markdown",
                "a report to share: why it ended as it did, how to inspect it",
            ),
        ),
    ),
    Command(
        name="stats",
        summary="Print how many runs ended how, how long they took, their tokens and their cost.\n"
        "Runs count by their end; those that are active now count as well. From the history if that knows all runs of this\n"
        "time, else from the API; stderr says which. Exit 0 if every answer was complete, else 3.",
        options=STATS,
        check=checks.no_words,
        run=_handler("one_shot", "stats"),
        examples=(
            ("flowtui stats", "the last 24 hours"),
            ("flowtui stats --since 18:00 --until 07:00 --by agent", "last night, a row for each agent"),
            ("flowtui stats --since 7d --by day -o csv", "a week, for a spreadsheet"),
            ("flowtui stats --since mark:release-42 --agent checkout", "one agent since a deployment"),
        ),
    ),
    Command(
        name="failures",
        summary="Print the failed runs by reason: how many, when, of which agents, and whether the reason is new.\n"
        "Runs count by their end. From the history if that knows all runs of this time, else from the API; stderr says\n"
        "which. Reasons that are not remembered are read from the API, with at most 300 requests. Exit codes as of `stats`.",
        options=FAILURES,
        check=checks.no_words,
        run=_handler("one_shot", "failures"),
        examples=(
            ("flowtui failures --since 2h", "why runs failed in the last two hours"),
            ("flowtui failures --since mark:release-42 --by agent", "since a deployment, for each agent"),
            ("flowtui failures --since yesterday -o markdown", "for a ticket"),
        ),
    ),
    Command(
        name="brief",
        summary="Print on one page what happened: at most four sentences that rest on numbers, and these numbers.\n"
        "Outcomes, agents, reasons, spend, and what is still open. It says what coincided and never names a cause. Runs count\n"
        "by their end. From the history if that knows all runs of this time, else from the API; stderr says which. Reasons\n"
        "that are not remembered are read from the API, with at most 300 requests. Exit codes as of `stats`.",
        options=BRIEF,
        check=checks.no_words,
        run=_handler("one_shot", "brief"),
        examples=(
            ("flowtui brief --since 18:00", "what happened last night"),
            ("flowtui brief --since yesterday", "since the start of yesterday; `| mail` sends it as it is"),
            ("flowtui brief --since mark:release-42 -o markdown", "for an issue or a chat"),
            ("flowtui brief -o json", "the last 12 hours, for a script"),
        ),
    ),
    Command(
        name="history",
        usage="[forget] ",
        summary="Print what is remembered on this machine, where, since when, how large, and how the time was watched.\n"
        "`flowtui history forget` deletes it. Exit 3 if it cannot be read.",
        options=(
            output(("table", "json"), "default table"),
            value(
                "--before", "TIME", "forget runs that ended before this time, and sums and watched time of it"
            ),
            switch(
                "--all", "forget everything: the file, and those that could not be read and were set aside"
            ),
            switch("--yes", "forget without being asked; needed where there is no terminal"),
        ),
        words=("forget",),
        check=checks.history,
        run=_handler("history", "history"),
        examples=(
            ("flowtui history", "what is remembered, and what never is"),
            ("flowtui history -o json", "the same for a script"),
            ("flowtui history forget --before 30d", "forget what is older than 30 days"),
            ("flowtui history forget --all --yes", "forget everything, in a script"),
        ),
    ),
    Command(
        name="mark",
        usage="NAME ",
        summary="Remember when a deployment happened, for `flowtui watch --since mark:NAME`; needs no key.\n"
        "An existing mark gets the new time. Stored on this machine, per profile and address; see `flowtui help gate`.",
        options=(
            value(
                "--at",
                "TIME",
                "10m (ago), 14:30, ISO 8601 or epoch seconds (default now; see `flowtui help time`)",
            ),
            switch("--delete", "forget the mark"),
        ),
        check=checks.one_mark,
        run=_handler("marks", "mark"),
        examples=(
            ("flowtui mark release-42", "now"),
            ("flowtui mark release-42 --at 10m", "ten minutes ago"),
            ("flowtui mark release-42 --delete", "forget it"),
        ),
    ),
    Command(
        name="marks",
        summary="List the marks for this address, newest first, and each agent's last deployment (mark:agent:NAME).\n"
        "If the API does not answer, it lists only the marks and says so on stderr.",
        options=(OUTPUT,),
        check=checks.no_words,
        run=_handler("marks", "marks"),
        examples=(
            ("flowtui marks", "as text, for people"),
            ("flowtui marks -o json", "as one JSON document"),
        ),
    ),
    Command(
        name="simulate",
        summary="The simulator alone, in the foreground. The first line on stdout is its address.",
        options=(
            value("--port", "N", "default 8765; 0 picks a free one", type=whole_number, default=8765),
            *SIMULATOR,
            value(
                "--deploy-at",
                "T[:EFFECT]",
                "make the runs worse that are created T or later after the start; EFFECT (default failures=20%%) is one or "
                "more of failures=20%%, durations=x2, tokens=x2, agent=checkout, with commas between them",
            ),
            value("--key", "KEY", "the only key that is accepted (default: any that is not empty)"),
        ),
        check=checks.port,
        more=Lazy("flowtui.simulator.faults.listing", "names"),
        run=_handler("simulate", "simulate"),
        examples=(
            ("flowtui simulate --port 0 --seed 7", "on a free port"),
            ("flowtui simulate --deploy-at 30s:failures=20%", "a bad release (see `flowtui help gate`)"),
            ("SEEKR_API_KEY=x flowtui --base-url http://127.0.0.1:8765", "the dashboard on it"),
        ),
    ),
    Command(
        name="serve",
        usage="[demo | THREAD ...] ",
        summary="The dashboard in a browser of this machine, without a login; needs the package textual-serve.\n"
        "The first line on stdout is its address. For a thread called demo, use `flowtui serve dash demo`.",
        options=(
            value("--port", "N", "default 8766; 0 picks a free one", type=whole_number, default=8766),
            *SCREEN,
            *(
                Option(each.flags, {**each.rest, "help": f"(demo only) {each.rest['help']}"})
                for each in SIMULATOR
            ),
        ),
        words=("demo", "dash"),
        check=checks.served,
        run=_handler("serve", "serve"),
        examples=(
            ("flowtui serve", "every thread, on http://127.0.0.1:8766"),
            ("flowtui serve --profile staging --port 0", "another profile, on a free port"),
            ("flowtui serve demo", "simulated runs; needs no key"),
        ),
    ),
    Command(
        name="doctor",
        summary="Check config, key, address, clock, team and terminal; one line each, with what to do.\n"
        "Exit 0 if no check fails, 2 if the configuration is wrong, 3 if the API does not answer or refuses.",
        options=(output(("table", "json"), "default table"),),
        check=checks.no_words,
        run=_handler("doctor", "doctor"),
        examples=(
            ("flowtui doctor", "what is wrong, and what to do"),
            ("flowtui doctor -o json", "the same for a script"),
            ("flowtui doctor --profile staging", "another profile of the config file"),
        ),
    ),
    Command(
        name="help",
        usage="[TOPIC [NAME]] ",
        summary=f"Print a text about a topic: {', '.join(help_topics.TOPICS)}.",
        words=tuple(help_topics.TOPICS),
        check=help_topics.check,
        run=_handler("help_topics", "help_topic"),
        examples=(
            ("flowtui help", "which topics there are"),
            ("flowtui help exit-codes", "what each exit code means"),
            ("flowtui help filter", "the language of --filter and --for"),
            ("flowtui help findings stalled", "what a finding means, its evidence, what to do next"),
        ),
    ),
    Command(
        name="config",
        usage="path|show|init ",
        summary="Print the path of the config file, print all settings with their sources, or write a commented config file.",
        options=(output(("table", "json"), "the format of `config show` (default table)"),),
        words=("path", "show", "init"),
        check=checks.one_of_config,
        run=_handler("config_file", "config"),
        examples=(
            ("flowtui config path", "where the file is"),
            ("flowtui config show", "all settings with their sources; the key is masked"),
            ("flowtui config init", "write a commented file"),
        ),
    ),
    Command(
        name="completion",
        usage="bash|zsh|fish ",
        summary="Print a script that completes commands, options, profiles and columns in a shell.",
        words=script.SHELLS,
        check=script.check,
        run=Lazy("flowtui.cli.completion.script", "completion"),
        examples=(
            ("source <(flowtui completion bash)", "in this shell; put the line into ~/.bashrc to keep it"),
            ("flowtui completion zsh", "save it as _flowtui in a folder of $fpath"),
            ("flowtui completion fish", "save it as ~/.config/fish/completions/flowtui.fish"),
        ),
    ),
)

COMMANDS: Final[Commands] = {command.name: command for command in _ALL}
