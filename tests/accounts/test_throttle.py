import secrets
import threading

import pytest
import redis
from django.test import RequestFactory

from accounts import throttle
from accounts.throttle import allow, client_address, client_network, give_back


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
    assert 0 < server.ttl(throttle.key_of("test", who)) <= 60
    allow("test", who, limit=1, seconds=1000)
    assert server.ttl(throttle.key_of("test", who)) <= 60
    server.delete(throttle.key_of("test", who))
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


def test_a_rightful_try_is_given_back_and_leaves_no_count_without_an_end(who, settings):
    assert allow("test", who, limit=1, seconds=60)
    give_back("test", who)
    assert allow("test", who, limit=1, seconds=60)
    for _twice in range(2):
        give_back("test", who)
    server = redis.from_url(settings.REDIS_URL)
    assert not server.exists(throttle.key_of("test", who))
    server.close()


def test_giving_back_without_redis_breaks_nothing(who, settings):
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    give_back("test", who)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("5.5.5.5", "5.5.5.5"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("", ""),
    ],
)
def test_one_line_of_a_subscriber_is_one_network(address, network):
    assert client_network(RequestFactory().get("/", REMOTE_ADDR=address)) == network


def test_nobodys_address_is_stored(who, settings):
    allow("test", who, limit=1, seconds=60)
    server = redis.from_url(settings.REDIS_URL)
    assert not list(server.scan_iter(f"*{who}*"))
    server.close()


FORGED = {"CF-Connecting-IP": "7.7.7.7", "X-Real-IP": "7.7.7.7", "Forwarded": "for=7.7.7.7", "Client-IP": "7.7.7.7"}


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
        (1, "6.6.6.6, nonsense", "10.0.0.1"),
        (1, "6.6.6.6, 5.5.5.5:4711", "5.5.5.5"),
        (1, "[2001:db8::1]:4711", "2001:db8::1"),
        (1, "2001:DB8:0::1", "2001:db8::1"),
        (1, "::ffff:5.5.5.5", "5.5.5.5"),
        (1, "fe80::1%eth0", "fe80::1"),
        (1, "5.5.5.5' OR 1=1", "10.0.0.1"),
    ],
)
def test_only_our_own_proxies_are_believed(settings, proxies, forwarded, address):
    settings.PROXY_HOPS = proxies
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", headers=headers | FORGED)
    assert client_address(request) == address


def test_a_dead_server_is_given_up_soon():
    connection = throttle._server("redis://192.0.2.1:1/0").connection_pool.connection_kwargs
    assert connection["socket_connect_timeout"] <= 1
    assert connection["socket_timeout"] <= 1
