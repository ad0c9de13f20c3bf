"""The filter language: which runs match, canonical text, columns of errors, and half-typed filters."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtui.errors import QueryError, UsageError
from flowtui.model.columns.columns import COLUMNS
from flowtui.model.columns.context import Context
from flowtui.model.language.tree import Not, Or, all_of, any_of
from flowtui.model.query.fields import ALIASES, CLASSES, FIELDS, HAS_TESTS, field_of
from flowtui.model.query.query import HELP, LONGEST, Query, parse, parse_lenient
from flowtui.model.query.regex import PATTERN_MAX, TEXT_MAX, TEXT_MIN, RegexError, read_regex
from flowtui.model.query.tree import EVERYTHING, Compare, Has, Pattern, Regex, Word
from flowtui.model.state.known_runs import ThreadState
from flowtui.model.state.lineage import Lineage
from flowtui.model.state.snapshot import Snapshot
from flowtui.model.view.ranking import Ranking
from flowtui.model.view.view import View, filter_of, words_of

from ...examples import examples

NOON = 1795521600.0  # 2026-11-24 12:00:00 UTC
QUICK = examples(150)


@pytest.fixture(scope="module")
def runs(a_run):
    """One run of each kind by the name that the tests use."""
    return {
        "running": a_run(
            "run_7a",
            "running",
            created=NOON - 100,
            started=NOON - 90,
            agent_id="agent_1",
            model="meta/Llama-3",
            is_active=True,
        ),
        "queued": a_run(
            "run_7b", "queued", created=NOON - 40, expires=NOON - 5, agent_id="agent_2", model="qwen*2"
        ),
        "completed": a_run(
            "run_3",
            "completed",
            created=NOON - 7200,
            started=NOON - 7199,
            completed=NOON - 7000,
            usage={"prompt_tokens": 18000, "completion_tokens": 204, "total_tokens": 18204},
        ),
        "failed": a_run("run_4", "failed", created=NOON - 86400, started=NOON - 86400, failed=NOON - 86396.5),
        "canceled": a_run("run_5", "canceled", usage={"total_tokens": 0}),
        "odd": a_run("run_6", "in_progress"),
        "broken": a_run("run_8", "completed", model=7),
        "bare": a_run("run_9", ""),
    }


@pytest.fixture(scope="module")
def context(runs):
    rows = {run.raw_id: run for run in runs.values()}
    state = ThreadState("thr_1", 2.0, runs=rows, observed=NOON)
    return Context(NOON, {"agent_1": "Check out", "agent_2": "Straße"}, {"thr_1": state}, UTC)


@pytest.fixture(scope="module")
def found(runs, context):
    """Return the names of the runs that a filter matches, in order."""

    def names(text, context=context):
        query = parse(text)
        meant = [name for name, run in runs.items() if query.matcher(context)(run)]
        assert meant == [name for name, run in runs.items() if query.matcher(context)(run)]
        return meant

    return names


def error(text):
    with pytest.raises(QueryError) as caught:
        parse(text)
    return caught.value


# --- what matches ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", "running queued completed failed canceled odd broken bare"),
        (" \t ", "running queued completed failed canceled odd broken bare"),
        # words
        ("RUN_7", "running queued"),
        ("thr_1 llama", "running"),
        ("meta/llama", "running"),
        ("strasse", "queued"),
        ('"check out"', "running"),
        ('"out check"', ""),
        ("out check", "running"),
        ("canceled", "canceled"),
        ("cancelled", "canceled"),
        ("in_progress?", "odd"),
        ("overdue", "queued"),
        ("unreadable model", "broken"),
        ("12:30 —", ""),
        ('"or"', ""),
        # a part of a field, or the whole field with * and ?
        ("run:7", "running queued"),
        ("id:RUN_7a", "running"),
        ("run:run_?", "completed failed canceled odd broken bare"),
        ("run:run_7?", "running queued"),
        ("run:*7*", "running queued"),
        ("run:7*", ""),
        ("run:*_**a", "running"),
        ("model:llama*", "running"),
        ("model:qwen*2", "queued"),
        ('model:"n*2"', "queued"),
        ('model:"q*2"', ""),
        ("agent:agent_1", "running"),
        ('agent:"k o"', "running"),
        ("thread_id:thr", "running queued completed failed canceled odd broken bare"),
        ("created:2026-11-23", "failed"),
        ("note:overdue", "queued"),
        ("unreadable:string", "broken"),
        # classes of status, and its words
        ("status:active", "running queued"),
        ("status:terminal", "completed failed canceled broken"),
        ("status:canceled", "canceled"),
        ("STATUS:Cancelled", "canceled"),
        ("status:comp", "completed broken"),
        ("status:unknown", "odd bare"),
        ("status:progress", "odd"),
        ("status:*ed", "queued completed failed canceled broken"),
        ("status=in_progress", "odd"),
        ("status=comp", ""),
        ("status=active", "running queued"),
        ("status!=terminal", "running queued"),
        ("status!=failed", "running queued completed canceled broken"),
        ("status!=in_progress", "running queued completed failed canceled broken"),
        ("not status:failed", "running queued completed canceled odd broken bare"),
        # exact texts
        ("run=RUN_3", "completed"),
        ("run == run_3", "completed"),
        ("run=run", ""),
        ("model=qwen*2", "queued"),
        ("model=llama-3", "running"),
        ("model!=llama-3", "queued broken"),
        ('agent="CHECK OUT"', "running"),
        # durations
        ("age<10m", "running queued"),
        ("age < 10M", "running queued"),
        ("age>=1d", "failed"),
        ("age>1d", ""),
        ("wait>=10", "running queued"),
        ("wait>0", "running queued completed"),
        ("wait=0s", "failed"),
        ("duration>2m time<4m", "completed"),
        ("time=3s", "failed"),
        ("time!=3s", "running completed"),
        ("time>3s time<=3.5s", "failed"),
        ("time<3500ms", ""),
        # counts
        ("tokens>18k", "completed"),
        ("total_tokens=18,204", "completed"),
        ("tokens=18.204K", "completed"),
        ("tokens!=0", "completed"),
        ("tokens>=0", "completed canceled"),
        ("prompt=18000 completion<1M", "completed"),
        ("tokens>18203.5", "completed"),
        # times
        ("created=2026-11-24", "running queued completed"),
        ("created<2026-11-24", "failed"),
        ("created<=2026-11-24T10:00", "completed failed"),
        ("created>2026-11-24T10:00", "running queued"),
        ("created>=2026-11-24T10", "running queued completed"),
        ("created>2026-11-24T10", "running queued"),
        ('created="2026-11-24 11:58:20 UTC"', "running"),
        ("created!=2026-11-24T11:58:20Z", "queued completed failed"),
        ("created=2026-11-24T12:58:20+01", "running"),
        ("created=2026-11-24T06:28:20-0530", "running"),
        ("ended>=now-2h", "completed"),
        ("expires<now", "queued"),
        ("expires<now-5s", ""),
        ("expires<=now-5s", "queued"),
        ("created<now+1m", "running queued completed failed"),
        ("failed_at>now-2d", "failed"),
        # values that are known or unknown
        ("has:tokens", "completed canceled"),
        ("has:total_tokens", "completed canceled"),
        ("not has:tokens", "running queued failed odd broken bare"),
        ("has:status", "running queued completed failed canceled odd broken"),
        ("has:model", "running queued broken"),
        ("has:note", "queued odd broken bare"),
        ("has:finding", "queued"),
        ("has:overdue", "queued"),
        ("has:vanished", ""),
        ("has:stalled", ""),
        ("has:error", "failed broken"),
        ("has:unreadable", "broken"),
        ("has:expires_at", "queued"),
        ("has:is_active", "running"),
        ("finding:overdue", "queued"),
        ("findings:over*", "queued"),
        ("finding=over", ""),
        ("is_active:true", "running"),
        ("is_active=Yes", "running"),
        ("is_active!=no", "running"),
        ("is_active=false", "queued completed failed canceled odd broken bare"),
        # regexes
        ("/^run_[34]$/", "completed failed"),
        ("/OVERDUE|llama/", "running queued"),
        ("/meta\\/ll/", "running"),
        ("/check out/", "running"),
        ("status:/^(failed|queued)$/", "queued failed"),
        ("note:/by \\d+s/", "queued"),
        ("created:/11-23/", "failed"),
        # conditions joined by and, or and not
        ("status:failed or age<1m", "queued failed"),
        ("status:failed or status:active llama", "running failed"),
        ("(status:failed or status:active) llama", "running"),
        ("(status:failed OR status:active)AND(llama)", "running"),
        ("not llama status:active", "queued"),
        ("not (llama or qwen) status:active", ""),
        ("!llama status:active", "queued"),
        ("!(llama or qwen) has:created", "completed failed"),
        ("not not llama", "running"),
        ("!!llama", "running"),
    ],
)
def test_a_filter_matches_these_runs(found, text, names):
    assert found(text) == names.split()


def test_a_filter_finds_runs_by_configuration_and_by_its_change(a_run, fresh):
    runs = [a_run(name, created=at, agent_id="agent_1") for at, name in enumerate("abcd")]
    state = fresh(configs={"a": "4f2a91c", "b": "4f2a91c", "c": "1b22c3d", "d": ""})
    context = Context(NOON, threads={"thr_1": state}, lineage=Lineage(runs))

    def names(text):
        return "".join(run.raw_id for run in runs if parse(text).matcher(context)(run))

    assert names("config:4F2A") == names("config=4f2a91c") == names("config:4f*") == "ab"
    assert names("config!=4f2a91c") == "c"
    assert names("config=4f2a") == ""
    assert names("has:config") == "abc"
    assert names("has:changed_config") == "c"
    assert names("not has:changed_config") == "abd"


def test_unknown_values_match_no_comparison_and_no_pattern(runs, context):
    bare = runs["bare"]._replace(id="")
    for name, field in FIELDS.items():
        if name in ("age", "created", "is_active", "thread", "note"):
            continue
        value = {"duration": "1s", "count": "1", "time": "now"}.get(field.kind, "x")
        ops = ("=", "!=", "<", "<=", ">", ">=") if field.value else ("=", "!=")
        texts = [f"{name}{op}{value}" for op in ops] + ([] if field.value else [f"{name}:*", f"{name}:/./"])
        for text in texts:
            assert not parse(text).matcher(context)(bare), text
            assert parse(f"not {text}").matcher(context)(bare), text
        assert not parse(f"has:{name}").matcher(context)(bare), name


def test_a_date_is_a_whole_day_in_the_shown_time_zone(a_run, context):
    run = a_run(created="2026-10-25T22:30:00Z")  # the day of 25 hours in Berlin
    berlin = replace(context, zone=ZoneInfo("Europe/Berlin"))
    assert parse("created=2026-10-25").matcher(berlin)(run)
    assert parse("created<2026-10-26").matcher(berlin)(run)
    assert not parse("created<2026-10-26").matcher(replace(context, zone=timezone(timedelta(hours=2))))(run)
    assert parse("created=2026-10-25T23:30").matcher(berlin)(run)
    assert parse("created=2026-10-25T22:30Z").matcher(berlin)(run)


def test_runs_of_an_unknown_thread_match_by_their_thread_id(a_run):
    run = a_run("run_1")._replace(thread_key="thr\x1b")
    assert parse("thread=thr␛ thr␛").matcher(Context(NOON))(run)


def test_ages_are_computed_at_the_time_of_the_context(runs, context):
    query = parse("age<10m")
    assert query.matcher(context)(runs["running"])
    assert not query.matcher(replace(context, now=NOON + 900))(runs["running"])


# --- fields ---------------------------------------------------------------------------------------


def test_every_column_is_a_field_and_every_alias_leads_to_one():
    assert set(COLUMNS) <= set(FIELDS)
    assert all(target in FIELDS and name not in FIELDS for name, target in ALIASES.items())
    assert not set(HAS_TESTS) & (set(FIELDS) | set(ALIASES))
    assert field_of("total_tokens") is FIELDS["tokens"]
    assert field_of("nope") is None


def test_an_inferred_status_is_found_by_its_class_and_by_has_inferred(a_run, context):
    inferred, known = a_run("run_1", "", failed=NOON), a_run("run_2", "failed", failed=NOON)
    for text, matches in (("has:inferred", [inferred]), ("status:failed", [inferred, known])):
        assert [run for run in (inferred, known) if parse(text).matcher(context)(run)] == matches


def test_the_help_names_every_field_and_its_examples_parse():
    assert len(HELP.splitlines()) <= 32
    assert max(map(len, HELP.splitlines())) <= 96
    for name in (*FIELDS, *CLASSES.keys() - {"canceled"}):
        assert name in HELP, name
    for line in HELP.splitlines():
        if line.startswith("  ") and line[2] != " ":
            for example in line[2:23].split("  "):
                assert parse(example) or not example


# --- writing --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("", ""),
        ("a  b", "a and b"),
        ("a or b c", "a or b and c"),
        ("(a or b) c", "(a or b) and c"),
        ("((a and (b c)))", "a and b and c"),
        ("a or (b or c)", "a or b or c"),
        ("!(a b)", "not (a and b)"),
        ("! !a", "not not a"),
        ('"or" "a b" "a" "(" "x:y" "!a" "/a"', '"or" and "a b" and a and "(" and "x:y" and "!a" and "/a"'),
        ('"a\\"b\\\\c\\d"', 'a"b\\c\\d'),
        ('"\\"" "\\" \\\\"', '"\\"" and "\\" \\\\"'),
        ("duration >= 2m", "time>=2m"),
        ("TOTAL_TOKENS>20K", "tokens>20K"),
        ('run:a* run:"a*" run:"a b" run:"/a"', 'run:a* and run:"a*" and run:"a b" and run:"/a"'),
        ('run=a* run="=a" run=/a/ run="a)"', 'run=a* and run="=a" and run=/a/ and run="a)"'),
        ("has:ID has:Overdue", "has:run and has:overdue"),
        ("is_active:YES", "is_active=YES"),
        ("/a b\\/c/ note:/[)]/", "/a b\\/c/ and note:/[)]/"),
        ("12:30 a-b=c x/y", "12:30 and a-b=c and x/y"),
    ],
)
def test_a_filter_has_a_canonical_text_that_parses_to_an_equal_filter(text, written):
    query = parse(text)
    assert str(query) == written
    assert parse(written) == query
    assert str(parse(written)) == written


def test_filters_are_equal_if_their_trees_are():
    assert Query() == parse("") == Query(EVERYTHING)
    assert parse("a b") == parse("a AND b") != parse("a or b")
    assert hash(parse("a b")) == hash(parse("(a) b"))
    assert parse("a or b").tree == Or((Word("a"), Word("b")))


TEXTS = st.text(min_size=1, max_size=6) | st.text('ab "\\/*?:=<>!()or', min_size=1, max_size=6)
GLOBS = st.from_regex(r"[a-z_]{0,3}[*?][a-z*?\"=:/!]{0,3}", fullmatch=True)
REGEXES = st.sampled_from(
    ["a", "a b", "^x$", "a|b", "\\/", "[)(]", "\\d{2}", '"', "or", "é+", "(?:a)?", "\\\\"]
)
TEXT_FIELDS = st.sampled_from(
    sorted(name for name, field in FIELDS.items() if field.kind in ("text", "status"))
)
OPS = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])


def compares(kind, values):
    names = st.sampled_from(sorted(name for name, field in FIELDS.items() if field.kind == kind))
    return st.builds(Compare, names, OPS, st.sampled_from(values))


LEAVES = st.one_of(
    st.builds(Word, TEXTS),
    st.builds(Regex, REGEXES, st.just("") | TEXT_FIELDS),
    st.builds(Pattern, TEXT_FIELDS, TEXTS, st.just(False)),
    st.builds(Pattern, TEXT_FIELDS, GLOBS, st.just(True)),
    st.builds(Compare, TEXT_FIELDS, st.sampled_from(["=", "!="]), TEXTS),
    compares("duration", ["10m", "0", "1.5h", "250MS"]),
    compares("count", ["20k", "18,204", "1.5M", "0"]),
    compares("time", ["2026-11-24", "2026-11-24 12:30 UTC", "now", "now-2h", "2026-11-24T12:30:01.5+01:00"]),
    st.builds(Compare, st.just("is_active"), st.sampled_from(["=", "!="]), st.sampled_from(["true", "No"])),
    st.builds(Has, st.sampled_from(sorted({*FIELDS, *HAS_TESTS}))),
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(all_of, st.lists(inner, min_size=1, max_size=3)),
        st.builds(any_of, st.lists(inner, min_size=1, max_size=3)),
    ),
    max_leaves=8,
)


@QUICK
@given(TREES)
def test_the_text_of_a_tree_parses_to_an_equal_tree(tree):
    assert parse(str(Query(tree))).tree == tree


@QUICK
@given(TREES, st.integers(0, 3))
def test_any_tree_can_be_matched_with_any_run(runs, context, tree, which):
    run = list(runs.values())[which]
    query = Query(tree)
    assert query.matcher(context)(run) is not Query(Not(tree)).matcher(context)(run)
    assert all(word == word.casefold() for word in query.words)


SOUP = st.lists(
    st.sampled_from(
        [
            *'()!"/\\ab *?',
            " ",
            "or",
            " and ",
            "not ",
            "age<",
            "10m",
            "status:",
            "failed",
            "has:",
            "tokens",
            "foo:",
            "=",
        ]
    ),
    max_size=12,
).map("".join)


@QUICK
@given(SOUP | st.text(max_size=20))
def test_any_text_is_a_filter_or_an_error_inside_it(context, runs, text):
    query, problem = parse_lenient(text)
    if problem is None:
        assert parse(text) == query
        assert parse(str(query)) == query
    else:
        assert 1 <= problem.column <= len(text) + 1
        assert problem.message.isprintable()
        assert problem.pointer().count("\n") == 1
        with pytest.raises(QueryError):
            parse(text)
    assert parse(str(query)) == query
    query.matcher(context)(runs["running"])


# --- mistakes -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "column", "says", "hint"),
    [
        ("statsu:x", 1, "no field 'statsu'", "Did you mean status?"),
        ("a TOTL_TOKENS>5", 3, "no field 'totl_tokens'", "Did you mean total_tokens?"),
        ("a zzz:b", 3, "no field 'zzz'", "double quotes"),
        ("hsa:tokens", 1, "no field 'hsa'", "Did you mean has?"),
        ("has:tokns", 5, "no field or finding 'tokns'", "has:tokens"),
        ("has:overdeu", 5, "no field or finding", "has:overdue"),
        ("has:zzzzz", 5, "no field or finding", "such as has:tokens"),
        ("has:", 5, "needs a name", "has:tokens"),
        ("has=tokens", 1, "has takes", "has:tokens"),
        ("status:", 8, "needs a value", "status:failed"),
        ("status: failed", 8, "needs a value", "status:failed"),
        ("age<", 5, "age< needs a value", "age<10m"),
        ("age <  ", 8, "age< needs a value", "age<10m"),
        ("(age<)", 6, "needs a value", "age<10m"),
        ("is_active=", 11, "needs a value", "is_active=true"),
        ('run=""', 5, "nothing between these quotes", "not has:run"),
        ('a ""', 3, "nothing between these quotes", ""),
        ("age<5x", 5, "'5x' is no duration", ""),
        ("age<-5s", 5, "no duration", ""),
        ("age<1e3", 5, "no duration", ""),
        ("tokens>20T", 8, "'20T' is no count", ""),
        ("tokens>1,2", 8, "no count", ""),
        ("tokens>" + "9" * 40, 8, "no count", ""),
        ("created>monday", 9, "'monday' is no time", ""),
        ("created>2026-02-30", 9, "no such time as '2026-02-30'", ""),
        ("created>2026-01-01T25", 9, "no such time", ""),
        ("created>2026-01-01T12:00+30:00", 9, "no such time", ""),
        ("created>0001-01-01", 9, "too far away", ""),
        ("created>10m", 9, "'10m' is no time", "write age"),
        ("ended>10m", 7, "'10m' is no time", "now-10m"),
        ("is_active:maybe", 11, "neither true nor false", ""),
        ("is_active<true", 1, "no order", "is_active="),
        ("is_active:/t/", 10, "takes a comparison, not a colon", "true or false"),
        ("status<failed", 1, "no order", "status:failed"),
        ("run>a", 1, "no order", "run:text"),
        ("age:10m", 4, "takes a comparison, not a colon", "age<10m"),
        ("tokens:>20k", 7, "takes a comparison, not a colon", "Write tokens>20k, without the colon"),
        ("tokens:/1/", 7, "takes a comparison, not a colon", "tokens>20k"),
        (">5", 1, "needs a field before it", "age<10m"),
        ("a !=b", 1, "no field 'a'", "double quotes"),
        ("(!=b)", 2, "needs a field before it", ""),
        ("and a", 1, "missing before and", ""),
        ("a or", 5, "missing after or", ""),
        ("a or   ", 5, "missing after or", ""),
        ("a or or b", 6, "missing after or", ""),
        ("a and )", 7, "missing after and", ""),
        ("not", 4, "missing after not", ""),
        ("a !", 4, "missing after not", ""),
        ("(", 2, "missing after (", ""),
        ("a ()", 4, "nothing between these parentheses", "double quotes"),
        ("(a or b", 1, "never closed", "double quotes"),
        ("a (b (c)", 3, "never closed", ""),
        ("a) b", 2, "closes nothing", "double quotes"),
        (")", 1, "closes nothing", ""),
        ('a "b c', 3, "quotes have no end", ""),
        ('note:"b', 6, "quotes have no end", ""),
        ("a /b", 3, "regex has no end", "quote the text"),
        ("/a/b", 4, "ends at its second /", "\\/"),
        ("//", 2, "regex is empty", ""),
        ("a /b(/", 5, "regex is wrong", ""),
        ("note:/b[/", 8, "regex is wrong", ""),
        ("/(?L)a/", 5, "regex is wrong", ""),
        ("/(?a)(?u)/", 2, "regex is wrong", ""),
        ("/a{99999999999}/", 2, "regex is wrong", ""),
        ("not " * 41 + "a", 161, "inside each other", ""),
        ("(" * 500, 41, "inside each other", ""),
        ("a" * (LONGEST + 1), LONGEST + 1, "at most 2,000 characters", ""),
    ],
)
def test_an_error_has_its_column_its_message_and_a_hint(text, column, says, hint):
    problem = error(text)
    assert (problem.column, problem.exit_code) == (column, 2)
    assert says in problem.message
    assert hint in problem.hint
    assert isinstance(problem, UsageError)


def test_the_caret_is_under_the_error_even_after_wide_characters():
    assert error("日本 foo:x").pointer() == "日本 foo:x\n     ^"
    assert error("a\x1b[2J\tfoo:x").pointer() == "a␛[2J␉foo:x\n      ^"
    assert error("e\u0301 foo:x").pointer() == "e\u0301 foo:x\n  ^"


def test_of_a_long_filter_only_the_part_around_the_error_is_shown():
    shown, caret = error("x " * 300 + "foo:1" + " y" * 300).pointer().split("\n")
    assert len(shown) == 120
    assert shown[0] == shown[-1] == "…"
    assert shown[caret.index("^") :].startswith("foo:1 y")


# --- regexes that could hang ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "position"),
    [
        ("(a+)+$", 4),
        ("(a|aa)*b", 6),
        ("(?:a?){50}", 6),
        ("((a*))+", 6),
        ("(?P<x>a*)*", 9),
        ("a*a*a*a*b", 7),
        ("a?" * 30, 31),
        ("(a|a)" * 18, 77),
        ("\\(?\\(?\\(*\\(*\\(*x", 14),
        ("a{300}", 1),
        ("(?x)(a* #)\n)+", 0),
        ("(a*)(?#c)+", 4),
        ("(?i-x:a)", 0),
        ("a" * (PATTERN_MAX + 1), PATTERN_MAX),
    ],
)
def test_a_regex_that_could_take_exponential_time_is_refused(pattern, position):
    with pytest.raises(RegexError) as caught:
        read_regex(pattern)
    assert caught.value.position == position


@pytest.mark.parametrize(
    "pattern",
    [
        "5\\d\\d",
        ".*crm.*timeout.*",
        "(crm|billing).*50[234]",
        "colou?r",
        "a.*b|c.*d|e.*f|g.*h",
        "^[)(|*+?]+$",
        "[[a]",
        "a{2,5}?",
    ],
)
def test_ordinary_regexes_are_accepted(pattern):
    assert not read_regex(pattern)("-")


def test_the_slowest_accepted_regex_is_fast_enough():
    search = read_regex("a.*a.*a.*b")
    start = time.thread_time()
    assert not search("a" * 100_000)
    assert time.thread_time() - start < 2


def test_a_regex_searches_the_beginning_of_a_long_text():
    assert read_regex("x")("-" * (TEXT_MAX - 1) + "x")
    assert not read_regex("x")("-" * TEXT_MAX + "x")
    assert read_regex("-.*-.*-.*x")("-" * (TEXT_MIN - 1) + "x")


# --- being typed ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("status:", ""),
        ("age<", ""),
        ("(", ""),
        ("not", ""),
        ("!", ""),
        (")", ""),
        ("//", ""),
        ('"', ""),
        ('"abc', "abc"),
        ('agent:"two wo', 'agent:"two wo"'),
        ("/abc", "/abc/"),
        ("/ab(", ""),
        ("note:/5\\d", "note:/5\\d/"),
        ('"abc\\', ""),
        ("crm age<", "crm"),
        ("crm and", "crm"),
        ("crm or not (", "crm"),
        ("crm or (status:failed", "crm or status:failed"),
        ("crm or (status:failed or foo:", "crm or status:failed"),
        ("(((status:failed or has:", "status:failed"),
        ('(a or "b c', 'a or "b c"'),
        ("a) b", "a"),
        ("a b has:tokn c", "a and b"),
        ("a /b/c", "a"),
        ("foo:bar", ""),
        ("a or or b", "a"),
        ("(" * 100 + "a", ""),
    ],
)
def test_a_half_typed_filter_is_read_up_to_its_error(text, holds):
    query, problem = parse_lenient(text)
    assert isinstance(problem, QueryError)
    assert str(query) == holds


def test_every_beginning_of_a_filter_can_be_matched(runs, context):
    text = '(status:failed or not age<10m) and note:"crm 5" !/5\\d\\d/ has:tokens created>=2026-11-24'
    for end in range(len(text) + 1):
        query, _ = parse_lenient(text[:end])
        query.matcher(context)(runs["failed"])
    assert parse_lenient(text) == (parse(text), None)


def test_a_filter_that_is_too_long_is_read_to_its_limit():
    query, problem = parse_lenient("a " * LONGEST)
    assert problem is not None
    assert len(query.words) == LONGEST // 2


# --- highlighting ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ()),
        ("Foo BAR", ("foo", "bar")),
        ('"Two Words" or (agent:X y)', ("two words", "x", "y")),
        ("!a not run:c", ()),
        ("status:failed age<10m run:a* run=b /c/ has:note", ()),
    ],
)
def test_the_words_of_a_filter_are_highlighted_but_no_negated_or_exact_ones(text, words):
    assert parse(text).words == words


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("", set()),
        ("agent:x", {"agent"}),
        ("status:failed agent=x", {"status", "agent"}),
        ("agent:x* (run:a or run:b) crm age<10m has:note", {"agent"}),
        ("not agent:x", set()),
        ("agent!=x", set()),
        ("agent:x or agent:y", set()),
    ],
)
def test_the_fields_that_every_matching_run_must_fit(text, fields):
    assert parse(text).required == fields


def test_a_view_uses_the_readable_part_of_a_half_typed_filter(runs, context):
    picture = Snapshot(NOON, context.threads)
    failed = [runs["failed"]]
    assert Ranking().arrange(picture, View(text="status:failed"), context) == failed
    assert Ranking().arrange(picture, View(text="status:failed or age<"), context) == failed
    assert len(Ranking().arrange(picture, View(text="age<"), context)) == len(runs)
    assert filter_of("a b")[1] is None
    assert words_of('"A b" run:c age<') == ("a b", "c")


# --- speed ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["status:failed", "age<10m", "checkout"])
def test_many_runs_are_matched_fast(runs, context, text):
    rows = [run._replace(raw_id=str(number)) for number in range(2_500) for run in runs.values()]
    start = time.thread_time()
    test = parse(text).matcher(context)
    assert sum(map(test, rows)) < len(rows)
    assert time.thread_time() - start < 1  # even on a slow machine 20,000 rows take a tenth of this
