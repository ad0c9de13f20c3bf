"""Folded texts of failures."""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[3]))  # benchmarks are no part of the package

from benchmarks.reasons import FOLDER, files, read_failures, reason_from
from flowtui.model.reasons.folding import MAX_CELLS, fold_text
from flowtui.model.reasons.reason import reason_of_failure, refold
from flowtui.text import cell_width, safe_lines, safe_text

FAILURES = read_failures(FOLDER / "development.json")


@pytest.mark.parametrize(
    ("message", "folded"),
    [
        # codes stay
        ("crm 502: upstream took 12.5 s", "crm 502: upstream took #"),
        ("HTTP 503 Service Unavailable", "503 Service Unavailable"),
        ("GET /accounts -> 502 Bad Gateway", "GET /accounts -> 502 Bad Gateway"),
        ("request_id=req_8812 user=77 status=502 path=/a/9", "user=# status=502 path=/a/#"),
        ("waited 500 ms for 404 rows of page 429", "waited # for # rows of page #"),
        ("amount must be <= 500", "amount must be <= #"),
        ("SQLSTATE[42P01]: Undefined table", "SQLSTATE[42P01]: Undefined table"),
        ("ORA-00942: table or view does not exist", "ORA-00942: table or view does not exist"),
        ("ERROR 1045 (28000): Access denied", "ERROR 1045 (28000): Access denied"),
        ("(1205, 'Lock wait timeout exceeded')", "(1205, 'Lock wait timeout exceeded')"),
        ("AADSTS700082: The refresh token has expired", "AADSTS700082: The refresh token has expired"),
        ("[Errno -2] Name or service not known", "Name or service not known"),
        ("connect ECONNREFUSED 10.0.3.17:8443", "connect ECONNREFUSED #"),
        ("Command failed with exit code 137", "Command failed with exit code 137"),
        ("Erreur 502 du serveur", "Erreur 502 du serveur"),
        ("crm 502\nretry", "crm 502; retry"),
        ("order 500 not found", "order # not found"),
        ("BANK-4012: declined by the bank", "BANK-4012: declined by the bank"),
        ("Request failed with 503", "503 Service Unavailable"),
        # names stay
        ("rate_limit_exceeded for gpt-4o-mini", "rate_limit_exceeded for gpt-4o-mini"),
        ("claude-3-5-sonnet-20241022 in us-east-1", "claude-3-5-sonnet-20241022 in us-east-1"),
        ("Unknown field 'address_2'", "Unknown field 'address_2'"),
        ("kafka-3.internal:9092 not available", "kafka-#.internal:# not available"),
        ("cannot decode utf-8, sha256 or x86_64", "cannot decode utf-8, sha256 or x86_64"),
        # what differs from run to run folds
        ("run_71 of thread thr-9a died", "# of thread # died"),
        ("Order ORD-88121 not found", "Order # not found"),
        ("no row 7d8f0a9b-1c2d-4e5f-8a9b-0c1d2e3f4a5b", "no row #"),
        ("no row 01J9ZC3V8QK4M2N6P8R0S2T4V6", "no row #"),
        ("commit deadbeef12 at 0x7ffe", "commit # at #"),
        ("pod crm-7d9f8b6c5-x2x4q was killed", "pod crm-# was killed"),
        ("mail to ann.lee@example.org bounced", "mail to # bounced"),
        ("shape (100, 200, 3) is not (4, 5)", "shape (#) is not (#)"),
        ("died on 2026-11-24T12:00:03.118Z", "died on #"),
        ("died on Tue, 24 Nov 2026 12:00:03 GMT", "died on #"),
        ("after 1 attempt", "after # attempts"),
        ("open '/tmp/tmpk2j9x1ab/report.csv'", "open '#/report.csv'"),
        ("open '/tmp/tmpk2j9x1ab'", "open '#'"),
        ("open https://me:pw@crm.example.com:8443/accounts/42?page=3", "open crm.example.com:#/accounts/#"),
        # prefixes leave the text
        ("tool error: run_python: ValueError: the order has no lines", "the order has no lines"),
        ("2026-11-24 12:00:03,118 ERROR crm.client: lookup of a row failed", "lookup of a row failed"),
        ("Error executing tool run_python: 'tax_rate' is not in the order", "'tax_rate' is not in the order"),
        ("litellm.NotFoundError: OpenAIException - no such model here", "no such model here"),
        ("KeyError('tax_rate')", "KeyError: 'tax_rate'"),
        ("builtins.KeyError: 'tax_rate'", "KeyError: 'tax_rate'"),
        # advice leaves it too
        ("Too many calls. Please try again in 3 s. Visit https://x.example/limits.", "Too many calls"),
        ("No field. Please check 'tax_rate'.", "No field. Please check 'tax_rate'"),
        ("The upload was refused (request id: req_8812xy)", "The upload was refused"),
        # languages
        ("Artikel 4711 ist nicht auf Lager", "Artikel # ist nicht auf Lager"),
        ("HTTP-Fehler 503: Dienst nicht verfügbar", "HTTP-Fehler 503: Dienst nicht verfügbar"),
        ("Erreur HTTP 503 : service indisponible", "Erreur HTTP 503 : service indisponible"),
        ("délai dépassé (30 secondes)", "délai dépassé (#)"),
        ("El pedido 88121 no existe (código de error 404)", "El pedido # no existe (código de error 404)"),
        ("Limite de R$ 5.000,00 excedido", "Limite de # excedido"),
        ("请求失败，状态码502", "请求失败，状态码502"),
        ("订单8812不存在，超时30秒", "订单#不存在，超时#"),
        ("接続がタイムアウトしました（30秒）", "接続がタイムアウトしました"),
        ("2026年11月24日に失敗しました", "#に失敗しました"),
    ],
)
def test_codes_and_names_stay_and_what_differs_folds(message, folded):
    assert fold_text(message) == folded
    assert fold_text(folded) == folded


def test_a_long_text_ends_after_a_whole_word():
    folded = fold_text("the order cannot be billed " * 20)
    assert folded.endswith(("billed…", "the…", "order…", "cannot…", "be…"))
    assert cell_width(folded) <= MAX_CELLS
    assert cell_width(fold_text("\u5728\u5eab" * 400)) <= MAX_CELLS
    assert fold_text("the order cannot be b…") == "the order cannot be b"


def test_folding_the_development_texts_again_changes_nothing():
    for path in files():
        for failure in read_failures(path):
            reason = reason_from(failure)
            assert refold(reason) == reason
            assert reason.text.isprintable()
            assert cell_width(reason.text) <= MAX_CELLS


_PARTS = st.sampled_from(
    sorted({word for failure in FAILURES for word in failure.message.split()})
    + list("'\"`{}[]()<>:;,.#…-_/\\@=%")
    + [
        "\n",
        "tool error: ",
        "Error: ",
        "KeyError: ",
        "502",
        "# ",
        "#-",
        '{"error": ',
        "run_",
        "gpt-",
        "/tmp/",
        "http://",
    ]
    + [
        "Traceback (most recent call last):\n",
        "Caused by: ",
        "<html>",
        "</",
        "Please try again ",
        "状态码",
        "秒",
        "…",
    ]
)
_TEXTS = (
    st.lists(_PARTS | st.text(max_size=6), max_size=40).map(" ".join)
    | st.lists(_PARTS, max_size=30).map("".join)
    | st.text(max_size=200)
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    _TEXTS,
    st.sampled_from(["", "tool", "run_python"]),
    st.sampled_from(["", "KeyError", "a.TimeoutError", "x: y"]),
)
def test_folding_any_text_again_changes_nothing(text, tool, exception):
    reason = reason_of_failure("\n".join(safe_lines(text)), tool=tool, exception=exception)
    assert refold(reason) == reason
    assert reason.text
    assert safe_text(reason.text) == reason.text
    assert cell_width(reason.text) <= MAX_CELLS


@pytest.mark.slow
@settings(deadline=None, max_examples=4_000, suppress_health_check=[HealthCheck.too_slow])
@given(_TEXTS)
def test_folding_many_texts_again_changes_nothing(text):
    folded = fold_text("\n".join(safe_lines(text)))
    assert fold_text(folded) == folded


_NASTY = [
    "a", "1", "a1", "{", "{'a':", "[", "[{", "<", "<html", "<html></", '"', "'", "\\", "(", "A", "Aa", "A.", "a_", "a-1_", "1:",
    "1.", ":1", "/tmp/", "C:\\a\\", " ", "\n", " \n", "a@", "a.b@c.", "http://", "http://a?", "Error: ", "tool error: x: ",
    "Traceback (most recent call last):\n", "Caused by: ", "    at x(\n", "got: `", 'output: "x ', ", input_value=", "5 ms ",
    "Jan 1 ", ". Please ", "request id: ", "…", ") ", "<title>", "<script>", "==", "状态码502", "0x", "::", "f:", "«", "#,",
    "A1-", "=/+", "HTTPConnectionPool(host='a', port=1): Max retries exceeded with url: a (Caused by a(",
    "503, message='a', url=", '<_RpcError of RPC that terminated with: status = x details = "', "thread '", "Tool x failed ",
    "GET https://a.b/x ", "user 'a ", "must be one of a, ", "/data/a/", "Command '", "1 validation error for X\n", "a\n b [type=",
    "LLM did not return a ", "line 1 column 1 JSON ", "(# a, ", "a: #, ", "s3://a/", "mx1.", "a-b-1c2d-", "502 Bad Gateway from a ",
]  # fmt: skip


def test_only_beginning_and_end_of_a_long_text_are_read():
    long = (
        "Traceback (most recent call last):\n"
        + '  File "/app/x.py", line 3, in f\n' * 10_000
        + "ValueError: no such row here"
    )
    assert fold_text(long) == "no such row here"
    assert fold_text("no row " + "é" * 12_281 + "A" * 90_000 + "Z" * 4_096) == fold_text(
        "no row " + "é" * 12_281
    )


@pytest.mark.slow
def test_nasty_texts_take_no_more_than_long_ones():
    """100 kB of any text take less than 2,000 times what a usual text takes: no pattern searches again and again."""
    start = time.process_time()
    for failure in FAILURES:
        reason_from(failure)
    usual = (time.process_time() - start) / len(FAILURES)
    slow = Counter()
    for part in _NASTY:
        text = (part * 100_000)[:100_000]
        start = time.process_time()
        fold_text(text)
        slow[part] = (time.process_time() - start) / usual
    assert slow.most_common(1)[0][1] < 2_000, slow.most_common(3)
