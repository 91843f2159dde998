"""Keeps customers' links, passwords, addresses and numbers out of every log line."""

import logging
import re
from collections.abc import Callable
from datetime import datetime

HIDDEN = "***"
# The formatter of every process, for logging's dictionaries.
LOG_LINE = {"()": "config.logs.LogLine", "format": "%(asctime)s %(levelname)s %(name)s %(message)s"}

# Order matters: a header is hidden whole before its parts could be taken for something else.
PATTERNS: list[tuple[re.Pattern[str], str]] = [
    (
        re.compile(r"(?i)(?<![a-z])(authorization|cookie)(['\"]?\s*[:=]\s*['\"]?)[^\r\n'\"]+"),
        rf"\1\2{HIDDEN}",
    ),
    (
        re.compile(
            r"(?i)\b(sessionid|csrftoken|csrfmiddlewaretoken|password|token|secret_key)(['\"]?\s*[:=]\s*['\"]?)[^\s;&'\",]+"
        ),
        rf"\1\2{HIDDEN}",
    ),
    (re.compile(r"(/c/(?:files/)?)[^/\s?#'\"<>]+"), rf"\1{HIDDEN}"),
    (re.compile(r"(/sms/receipts/)[^/\s?#'\"<>]+"), rf"\1{HIDDEN}"),
    (re.compile(r"(/password/reset/key/)[^/\s?#'\"<>]+"), rf"\1{HIDDEN}"),
    (re.compile(r"(://)[^\s/'\"]+@"), rf"\1{HIDDEN}@"),
    (re.compile(r"[^\s@<>\"'(),;:=，；：（）。、]+@[^\s@<>\"'(),;:/，；：（）。、]+\.[^\W\d_]{2,}"), HIDDEN),
    # Numbers with a country code, Chinese mobile numbers, Chinese landlines, numbers written 555-010-1234.
    (re.compile(r"(?<![0-9A-Za-z+])\+\d(?:[ ()-]{0,2}\d){6,14}(?![0-9A-Za-z])"), HIDDEN),
    (re.compile(r"(?<![0-9A-Za-z-])1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?![0-9A-Za-z-])"), HIDDEN),
    (re.compile(r"(?<![0-9A-Za-z-])\(?0\d{2,3}\)?[ -]?\d{7,8}(?![0-9A-Za-z-])"), HIDDEN),
    (re.compile(r"(?<![0-9A-Za-z-])\(?[2-9]\d{2}\)?[ .-]\d{3}[ .-]\d{4}(?![0-9A-Za-z-])"), HIDDEN),
]


def hide(text: str) -> str:
    """Return `text` with links, credentials, cookies, e-mail addresses and phone numbers as ***."""
    for pattern, replacement in PATTERNS:
        text = pattern.sub(replacement, text)
    return text


class LogLine(logging.Formatter):
    """One line a record, with its moment in ISO 8601: the offset lets lines of machines in other zones be compared."""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        """Return the record's moment in the process's own zone, milliseconds included."""
        return datetime.fromtimestamp(record.created).astimezone().isoformat(timespec="milliseconds")


class HideSecrets(logging.Filter):
    """Hides secrets in the message with its arguments, in the traceback and in the stack of every record."""

    format_exception: Callable = logging.Formatter().formatException

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record in place; every record passes."""
        record.msg, record.args = hide(record.getMessage()), None
        if record.exc_info and record.exc_info[0] is not None:
            record.exc_text = hide(self.format_exception(record.exc_info))
        if record.stack_info:
            record.stack_info = hide(record.stack_info)
        return True
