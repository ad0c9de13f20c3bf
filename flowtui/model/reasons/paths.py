"""Folds names of files below the first two folders, and the numbers of hosts and pods. Pure."""

from __future__ import annotations

import re
from typing import Final

from flowtui.model.reasons.tokens import MODEL

_ROOT: Final = r"(?:app|apps|data|home|var|usr|opt|mnt|srv|etc|workspace|workspaces|root|Users|private|media|Volumes|volumes|proc|sys|dev|run|code|work|repo|export|exports|import|uploads?|input|output|storage|shared?|nfs|content|sandbox|tmp|files|docs|documents|reports|archive|archiv|daten|ablage)"
_QUOTED: Final = re.compile(
    rf"(?P<quote>['\"`])(?P<path>(?:file://)?/(?:{_ROOT}/[^'\"`\n]{{1,1000}}|[^'\"`\n/]{{1,100}}/[^'\"`\n]{{1,1000}}\.\w{{1,5}}))(?P=quote)"
)
_PLAIN: Final = re.compile(
    rf"(?<![\w.:#~/*-])(?<!GET )(?<!POST )(?<!PUT )(?<!HEAD )(?<!DELETE )(?<!PATCH )(?P<path>/(?:{_ROOT}/[^\s'\"<>`:,;)\]]{{1,1000}}|[^\s'\"<>`:,;)\]/]{{1,100}}/[^\s'\"<>`:,;)\]]{{1,1000}}\.(?!\d)\w{{1,5}}\b))"
)
_WINDOWS: Final = re.compile(
    r"(?:(?P<quote>['\"`])(?P<path>(?:[A-Z]:\\{1,2}|\\{2,4}[\w.-]{1,80}\\{1,2})[^'\"`\n]{1,1000})(?P=quote)|(?P<plain>(?:[A-Z]:\\{1,2}|\\{2,4}[\w.-]{1,80}\\{1,2})[^\s'\"<>`:,;)\]]{1,1000}))"
)
_BUCKET: Final = re.compile(
    r"(?P<head>(?:s3|gs|az|abfss?|hdfs|dbfs)://?[^\s/'\"<>`]{1,200}/(?:[^\s/'\"<>`]{1,80}/)?|arn:aws[\w-]{0,10}:s3:::[\w.-]{1,80}/(?:[^\s/'\"<>`]{1,80}/)?)[^'\"<>`\s]{1,500}(?:(?<=\w) [^'\"<>`\n]{0,200}\.\w{2,5}(?=['\"`]))?"
)
# Files whose names programmers choose; other names are chosen by callers, or made.
_CHOSEN: Final = re.compile(
    r"[A-Za-z._-]{1,60}\.(?:ya?ml|toml|json|ini|cfg|conf|env|pem|crt|key|so|dll|py|js|mjs|ts|sh|sql|db|sqlite3?|lock|sock|jar|class|rb|go|rs|php)"
)
_HOST: Final = re.compile(
    r"(?<![\w./@-])(?!db|s3|ec2|h2|oauth|ipv)([a-z]{2,12}-?)\d{1,4}(?=(?:[.-][a-z0-9-]{1,60}){0,6}\.[a-z0-9-]{1,60}\.[a-z]{2,12}\b)",
    re.IGNORECASE,
)
_MACHINE: Final = re.compile(
    r"(?<![\w.-])((?:[a-z]{1,20}-){0,3}(?:worker|node|pod|broker|kafka|replica|runner|gpu|instance|consumer|partition|mx|web|smtp|proxy|edge|vm|lb|srv|server|host|shard|redis|postgres|mysql|mongo|mongodb|elasticsearch|opensearch|rabbitmq|etcd|zookeeper|minio|nats|cassandra)-?)\d{1,4}(?![\w])",
)
_POD: Final = re.compile(
    rf"(?<![\w.-])(?!{MODEL})([a-z](?:[a-z0-9]{{0,20}}-){{1,6}})(?=[a-z]{{0,10}}\d)[bcdfghjklmnpqrstvwxzaef\d]{{4,10}}-[bcdfghjklmnpqrstvwxz\d]{{3,5}}(?![\w-])"
)
_DATED: Final = re.compile(
    r"(?<![\w/\\.-])[\w-]{0,60}(?:\d{4}[-_.]?\d\d[-_.]?\d\d|\d{4,})[\w-]{0,60}\.(?=(?:csv|pdf|xlsx?|docx?|json|txt|png|jpe?g|xml|zip|parquet|log|html?|eml|msg)\b)"
)


def fold_paths(text: str) -> str:
    """Return one line with `#` for what stands below the first two folders, and for numbers of hosts."""
    text = _BUCKET.sub(r"\g<head>#", text)
    text = _QUOTED.sub(lambda found: f"{found['quote']}{_folded(found['path'])}{found['quote']}", text)
    text = _PLAIN.sub(lambda found: _folded(found["path"]), text)
    text = _WINDOWS.sub(_windows, text)
    text = _DATED.sub("#.", text)
    text = _POD.sub(r"\1#", text)
    text = _HOST.sub(r"\1#", text)
    return _MACHINE.sub(r"\1#", text)


def _folded(path: str) -> str:
    stop = path[len(path.rstrip(".,")) :]
    parts = path.rstrip(".,").removeprefix("file://").split("/")[1:]
    kept = 1 if parts[0] in ("home", "Users", "tmp") else 2
    if parts[0] == "tmp" or len(parts) <= kept:
        return path
    name = parts[-1] if _CHOSEN.fullmatch(parts[-1]) else "#"
    folder = "/".join(parts[:kept])
    return f"/{folder}/{name}{stop}" if len(parts) == kept + 1 or name == "#" else f"/{folder}/#/{name}{stop}"


def _windows(found: re.Match[str]) -> str:
    quote = found["quote"] or ""
    path = (found["path"] or found["plain"]).replace("\\\\", "\\")
    lead = "\\" if path.startswith("\\") else ""
    parts = path.lstrip("\\").split("\\")
    if len(parts) <= 2 or re.search(r"\\Te?mp\\", path, re.IGNORECASE):
        return found[0]
    name = parts[-1] if _CHOSEN.fullmatch(parts[-1]) else "#"
    return f"{quote}{lead}{parts[0]}\\{parts[1]}\\{name}{quote}"
