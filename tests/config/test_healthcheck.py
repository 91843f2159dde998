import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import quote

import pytest
from django.db import connection

from config import healthcheck


@pytest.fixture
def answering():
    """A web server on this machine that answers /readyz as told and remembers the Host it was asked for."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        answer = (200, b'{"ready": true}')

        def do_GET(self):
            asked.append((self.path, self.headers["Host"]))
            status, body = Handler.answer
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Handler, server.server_port, asked
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("answer", "status"),
    [((200, b'{"ready": true}'), 0), ((503, b'{"ready": false}'), 1), ((200, b"<html>not ours</html>"), 1)],
)
def test_the_web_server_is_asked_by_its_public_name(answering, monkeypatch, answer, status):
    handler, port, asked = answering
    handler.answer = answer
    monkeypatch.setenv("PORT", str(port))
    monkeypatch.setenv("BASE_URL", "https://desk.example.com")
    assert healthcheck.main(["web"]) == status
    assert asked == [("/readyz", "desk.example.com")]


@pytest.mark.parametrize(
    ("bind", "address"),
    [("", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("::", "::1"), ("[::1]", "::1"), ("10.0.0.5", "10.0.0.5")],
)
def test_it_asks_where_the_web_server_listens(bind, address):
    assert healthcheck.reachable(bind) == address


def test_a_web_server_that_is_not_there_is_not_well(monkeypatch):
    monkeypatch.setenv("PORT", "1")
    monkeypatch.setenv("BASE_URL", "https://desk.example.com")
    assert healthcheck.main(["web"]) == 1


@pytest.fixture
def database_url(django_db_serialized_rollback, transactional_db, monkeypatch):
    parameters = connection.get_connection_params()
    host = quote(str(parameters.get("host", "")), safe="")
    url = (
        f"postgres://{parameters.get('user', '')}:{parameters.get('password', '')}@/{parameters['dbname']}?host={host}"
    )
    if parameters.get("port"):
        url += f"&port={parameters['port']}"
    monkeypatch.setenv("DATABASE_URL", url)
    return url


@pytest.mark.parametrize(("seconds", "status"), [(1, 0), (15, 0), (60, 1)])
def test_a_part_is_well_while_its_heartbeat_is_young(database_url, seconds, status):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO followups_heartbeat VALUES ('guard', clock_timestamp() - %s * interval '1 second', '')",
            [seconds],
        )
    assert healthcheck.main(["guard"]) == status


def test_a_part_that_never_ran_is_not_well(database_url):
    assert healthcheck.main(["deliver"]) == 1


def test_a_database_that_does_not_answer_is_not_well(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://desk@127.0.0.1:1/desk")
    assert healthcheck.main(["beat"]) == 1


@pytest.mark.parametrize("arguments", [[], ["everything"], ["web", "beat"]])
def test_an_unknown_part_shows_how_to_ask(arguments, capsys):
    assert healthcheck.main(arguments) == 2
    assert "web|sweep|deliver|beat|guard" in capsys.readouterr().err
