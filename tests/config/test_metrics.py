import pytest
from django.core.exceptions import ImproperlyConfigured

from config.env import read_metrics_token

TOKEN = "a-long-and-odd-token-for-tests"


@pytest.fixture
def token(settings):
    settings.METRICS_TOKEN = TOKEN
    return {"Authorization": f"Bearer {TOKEN}"}


def test_the_numbers_stand_in_the_format_of_prometheus(client, beating, token, django_assert_num_queries):
    with django_assert_num_queries(2):
        answer = client.get("/metrics", headers=token)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    lines = answer.content.decode().splitlines()
    values = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    assert all(float(value) >= 0 for value in values.values())
    assert set(values) == {
        "desk_oldest_overdue_seconds",
        "desk_outbox_queued",
        "desk_outbox_oldest_seconds",
        "desk_dead_letters",
        'desk_last_sweep_age_seconds{by="sweep"}',
        'desk_last_sweep_age_seconds{by="deliver"}',
        'desk_last_sweep_age_seconds{by="beat"}',
        'desk_last_sweep_age_seconds{by="guard"}',
    }
    assert {line.split()[2] for line in lines if line.startswith("# TYPE")} == {name.split("{")[0] for name in values}
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("sent", ["", f"Bearer {TOKEN}x", "Bearer ", TOKEN, "Bearer übel", f"Basic {TOKEN}"])
def test_without_the_token_there_is_no_such_page(client, db, token, sent):
    assert client.get("/metrics", headers={"Authorization": sent}).status_code == 404


@pytest.mark.parametrize("sent", ["", "Bearer ", f"Bearer {TOKEN}"])
def test_where_no_token_is_set_there_is_no_such_page_for_anybody(client, db, settings, sent):
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics", headers={"Authorization": sent}).status_code == 404


def test_a_short_or_odd_token_stops_the_start():
    assert read_metrics_token({}) == ""
    assert read_metrics_token({"METRICS_TOKEN": TOKEN}) == TOKEN
    for token in ("short", "ü" * 30):
        with pytest.raises(ImproperlyConfigured, match="METRICS_TOKEN"):
            read_metrics_token({"METRICS_TOKEN": token})
