import io
import logging
from datetime import datetime

import pytest

from config.logs import LOG_LINE, HideSecrets, LogLine, hide


@pytest.mark.parametrize(
    ("line", "hidden"),
    [
        ("GET /c/Zk3_-xYpQ0v7hT/ 200", "GET /c/***/ 200"),
        ("GET /c/files/12.ab34:1rXyZ:Qq_-9/7/preview/ 200", "GET /c/files/***/7/preview/ 200"),
        ("Not Found: /c/Zk3_-xYpQ0v7hT", "Not Found: /c/***"),
        ("https://desk.example.com/c/AbC123/?lang=zh", "https://desk.example.com/c/***/?lang=zh"),
        ("POST /sms/receipts/abc_def-0123/ 200", "POST /sms/receipts/***/ 200"),
        ("/account/password/reset/key/3-abc-0123/", "/account/password/reset/key/***/"),
        ("Authorization: Bearer abc.def", "Authorization: ***"),
        ("{'HTTP_AUTHORIZATION': 'Token abc'}", "{'HTTP_AUTHORIZATION': '***'}"),
        ("Cookie: sessionid=abc; csrftoken=def", "Cookie: ***"),
        ("Set-Cookie: __Host-sessionid=abc; Path=/", "Set-Cookie: ***"),
        ("csrfmiddlewaretoken=abc&x=1", "csrfmiddlewaretoken=***&x=1"),
        ("password='hunter2'", "password='***'"),
        ("postgres://desk_app:pass@db:5432/desk", "postgres://***@db:5432/desk"),
        ("postgres://desk_app:p@ss@db:5432/desk", "postgres://***@db:5432/desk"),
        ("to wang.fang+1@mail.example.cn now", "to *** now"),
        ("邮箱：王芳@例子.中国，", "邮箱：***，"),
        ("call 13800138000 now", "call *** now"),
        ("电话13800138000，", "电话***，"),
        ("138 0013 8000", "***"),
        ("+86 138-0013-8000", "***"),
        ("+1 (555) 010-1234", "***"),
        ("0755-12345678", "***"),
        ("(029) 88881234", "***"),
        ("call 555-010-1234", "call ***"),
    ],
)
def test_what_belongs_to_a_customer_never_reaches_a_log(line, hidden):
    assert hide(line) == hidden


@pytest.mark.parametrize(
    "line",
    [
        "C-2026-000123 assigned",
        "2026-11-18 14:55:01 took 12345678 ms",
        "[pid 12345] 127.0.0.1:8000",
        "9f1c2d3e-4b5a-4c6d-8e7f-001122334455",
        "Task followups.tasks.sweep received",
        "at /usr/lib/python3.11/site-packages/celery/app.py, line 1234",
    ],
)
def test_what_an_operator_needs_stays_readable(line):
    assert hide(line) == line


@pytest.fixture
def lines():
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(HideSecrets())
    logger = logging.getLogger("tests.secrets")
    logger.addHandler(handler)
    logger.propagate = False
    yield logger, stream
    logger.removeHandler(handler)
    logger.propagate = True


def test_arguments_of_a_message_are_hidden_too(lines):
    logger, stream = lines
    logger.warning("%s for %s (%d%%)", "/c/canary-token/", "13800138000", 50)
    assert stream.getvalue() == "/c/***/ for *** (50%)\n"


def test_the_text_of_an_exception_is_hidden_too(lines):
    logger, stream = lines
    try:
        raise ValueError("no customer with canary@example.com")
    except ValueError:
        logger.exception("failed")
    assert "ValueError: no customer with ***" in stream.getvalue()
    assert "canary" not in stream.getvalue().replace('"no customer with canary@example.com"', "")


def test_a_percent_sign_without_arguments_does_not_break_the_line(lines):
    logger, stream = lines
    logger.warning("100% of %s")
    assert stream.getvalue() == "100% of %s\n"


def test_every_handler_of_the_settings_has_the_filter(settings):
    assert all("secrets" in handler["filters"] for handler in settings.LOGGING["handlers"].values())


def test_the_web_servers_own_log_has_the_filter():
    from config import gunicorn

    assert gunicorn.accesslog is None
    assert all("secrets" in handler["filters"] for handler in gunicorn.logconfig_dict["handlers"].values())


def test_a_line_says_when_with_the_offset_of_its_zone():
    record = logging.makeLogRecord({"created": 1_800_000_000.25, "levelname": "INFO", "name": "desk", "msg": "up"})
    line = LogLine(LOG_LINE["format"]).format(record)
    moment, rest = line.split(" ", 1)
    assert rest == "INFO desk up"
    assert datetime.fromisoformat(moment).timestamp() == 1_800_000_000.25
    assert datetime.fromisoformat(moment).utcoffset() is not None
