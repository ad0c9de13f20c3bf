"""The exception tree. Every expected error has a message, a hint for the user and an exit code.

```
FlowtuiError
├── UsageError                flowtui cannot do what the command line asks for          exit 2
│   ├── ConfigError           a config file, an environment variable or a key is wrong  exit 2
│   └── QueryError            a filter or a gate has a syntax error at a known column   exit 2
├── HistoryError              the file with the history cannot be read or written       exit 3
└── ApiError                  no answer from the server, or not as the API promises     exit 3
    ├── TransportError        refused, reset, unknown host, TLS, truncated              retried
    │   └── DeadlineError     the request took longer than it may                       retried
    ├── StatusError           an HTTP status that is not 2xx
    │   ├── AuthError         401            final for the profile
    │   ├── ForbiddenError    403            final for the profile
    │   ├── NotFoundError     404            final for the target
    │   ├── RejectedError     other 4xx      final for the target
    │   ├── RedirectError     3xx            final for the target
    │   ├── RateLimitedError  429            retried, carries `retry_after`
    │   └── ServerError       408, 5xx       retried
    ├── TooLargeError         the body is larger than it may be                         final for the target
    └── UnreadableError       the body is not what the API promises                     retried
```
A *target* is what is polled: the runs of one thread, or the list of threads, for example. *Final*: not polled again.
Messages are already display-safe and never hold the API key.
"""

from __future__ import annotations


class FlowtuiError(Exception):
    """Base of all expected errors. `message` says what happened and where, `hint` what to do next."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}. {self.hint}" if self.hint else self.message


class UsageError(FlowtuiError):
    """A word, option or value is wrong, or this machine lacks what the command needs, such as a terminal."""

    exit_code = 2


class ConfigError(UsageError):
    """A config file, an environment variable or the key is wrong. The message says which."""


class QueryError(UsageError):
    """A filter or a gate has a syntax error at `column`, counted in characters from 1.

    `shown`: the filter or gate, display-safe, as one line.
    `cells`: the number of terminal cells left of the column.
    """

    def __init__(self, message: str, *, column: int, shown: str, cells: int, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.column = column
        self._shown = shown
        self._cells = cells

    def pointer(self) -> str:
        """Return two lines: the filter or gate, and below it a caret at the column of the error."""
        return f"{self._shown}\n{' ' * self._cells}^"


class HistoryError(FlowtuiError):
    """The file with the history cannot be read or written."""

    exit_code = 3


class ApiError(FlowtuiError):
    """The server did not answer, or not as the API promises.

    `kind`: one word for scripts.
    `retryable`: whether a retry may help.
    `retry_after`: the seconds that the server asked to wait; None if it did not ask.
    `request_id`: the `cf-ray` header of the answer; "" if there is none.
    `uncertain`: the request changes data and may have taken effect despite the error. Such a request is not repeated.
    """

    exit_code = 3
    kind = "api"
    retryable = False
    uncertain = False

    def __init__(
        self, message: str, *, hint: str = "", request_id: str = "", retry_after: float | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.request_id = request_id
        self.retry_after = retry_after

    def __str__(self) -> str:
        text = super().__str__()
        return f"{text} (request {self.request_id})" if self.request_id else text


class TransportError(ApiError):
    """No complete answer arrived: connection refused or reset, unknown host, TLS failure, truncated body."""

    kind = "unreachable"
    retryable = True


class DeadlineError(TransportError):
    """The request took longer than `request_timeout`."""

    kind = "timeout"


class StatusError(ApiError):
    """The server answered with `status`, an HTTP status other than 2xx."""

    kind = "status"

    def __init__(
        self,
        message: str,
        *,
        status: int,
        hint: str = "",
        request_id: str = "",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, hint=hint, request_id=request_id, retry_after=retry_after)
        self.status = status


class AuthError(StatusError):
    """401: the server does not accept the key. Polling stops for the whole profile."""

    kind = "refused"


class ForbiddenError(StatusError):
    """403: the key lacks the permission. Polling stops for the whole profile."""

    kind = "forbidden"


class NotFoundError(StatusError):
    """404: nothing is at this address, or the key may not see it. The target is not polled again."""

    kind = "not_found"


class RejectedError(StatusError):
    """Other 4xx, such as 400 and 422: the server rejects the request. The target is not polled again."""

    kind = "rejected"


class RedirectError(StatusError):
    """3xx: a redirect is not followed, so that the key goes to no other host.

    `to_other_form`: it points to the same address with, or without, a slash at the end of the path, and the same request
    may be sent there.
    """

    kind = "redirect"
    to_other_form = False


class RateLimitedError(StatusError):
    """429: too many requests. Retried after `retry_after`, or after a backoff."""

    kind = "rate_limited"
    retryable = True


class ServerError(StatusError):
    """408 and 5xx: a failure of the server. Retried after a backoff."""

    kind = "server"
    retryable = True


class TooLargeError(ApiError):
    """The decompressed body is larger than `max_body_mb`."""

    kind = "too_large"


class UnreadableError(ApiError):
    """The body is not what the API documents (HTML, truncated JSON, another structure)."""

    kind = "unreadable"
    retryable = True
