import secrets
import threading

import pytest
import redis
from django.test import RequestFactory

from complaints import throttle
from complaints.throttle import allow, client_address, key_of


@pytest.fixture
def who():
    """Somebody who was never counted before: the counters of other tests are theirs."""
    return secrets.token_hex()


def test_the_limit_passes_and_the_next_one_does_not(who):
    assert [allow("test", who, limit=3, seconds=60) for _try in range(5)] == [True, True, True, False, False]


def test_everybody_and_everything_is_counted_apart(who):
    assert allow("test", who, limit=1, seconds=60)
    assert allow("other", who, limit=1, seconds=60)
    assert allow("test", who + "b", limit=1, seconds=60)
    assert not allow("test", who, limit=1, seconds=60)


def test_the_count_is_forgotten_when_its_time_is_over(who, settings):
    allow("test", who, limit=1, seconds=60)
    server = redis.from_url(settings.REDIS_URL)
    assert 55 < server.ttl(key_of("test", who)) <= 60
    allow("test", who, limit=1, seconds=1000)
    assert server.ttl(key_of("test", who)) <= 60
    server.delete(key_of("test", who))
    assert allow("test", who, limit=1, seconds=60)
    server.close()


def test_twenty_at_once_pass_exactly_the_limit(who):
    passed = []
    barrier = threading.Barrier(20)

    def one():
        barrier.wait()
        passed.append(allow("test", who, limit=10, seconds=60))

    threads = [threading.Thread(target=one) for _number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert passed.count(True) == 10


@pytest.mark.parametrize("answer", [True, False])
def test_without_redis_the_caller_has_said_what_to_do(who, settings, caplog, answer):
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    assert allow("test", who, limit=1, seconds=60, when_down=answer) is answer
    assert "not counted" in caplog.text
    assert who not in caplog.text


def test_nobodys_address_is_stored(who, settings):
    allow("test", who, limit=1, seconds=60)
    server = redis.from_url(settings.REDIS_URL)
    assert not list(server.scan_iter(f"*{who}*"))
    server.close()


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "6.6.6.6", "10.0.0.1"),
        (0, "", "10.0.0.1"),
        (1, "", "10.0.0.1"),
        (1, "6.6.6.6, 5.5.5.5", "5.5.5.5"),
        (2, "6.6.6.6, 5.5.5.5", "6.6.6.6"),
        (2, "5.5.5.5", "10.0.0.1"),
        (1, "6.6.6.6, ", "10.0.0.1"),
    ],
)
def test_only_our_own_proxies_are_believed(settings, proxies, forwarded, address):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", headers=headers | {"CF-Connecting-IP": "7.7.7.7"})
    assert client_address(request) == address


def test_a_dead_server_is_given_up_soon():
    connection = throttle._server("redis://192.0.2.1:1/0").connection_pool.connection_kwargs
    assert connection["socket_connect_timeout"] <= 1
    assert connection["socket_timeout"] <= 1
