import pytest
from django.core.exceptions import ImproperlyConfigured

from config.env_sms import read_quiet_hours, read_receipts_key, read_sms

GOOD = "json+https://key:secret@sms.example.com/send?sign=Jinghe"


def test_without_an_address_there_are_no_text_messages():
    assert read_sms({}) == read_sms({"SMS_URL": " "}) == {}


def test_the_generic_provider():
    url = "json+https://key:s%2Fe%40t@sms.example.com:8443/send?sign=%E6%B3%BE%E7%A6%BE&sign_en=Jinghe%20Energy"
    assert read_sms({"SMS_URL": url}) == {
        "provider": "json",
        "host": "sms.example.com",
        "port": 8443,
        "path": "/send",
        "encrypted": True,
        "key_id": "key",
        "secret": "s/e@t",
        "signs": {"zh-hans": "泾禾", "en": "Jinghe Energy"},
        "app": "",
        "region": "",
    }


def test_the_hosts_of_the_others_are_known():
    aliyun = read_sms({"SMS_URL": "aliyun://id:secret@?sign=泾禾能源"})
    assert (aliyun["host"], aliyun["port"], aliyun["signs"]["en"]) == ("dysmsapi.aliyuncs.com", 443, "泾禾能源")
    tencent = read_sms({"SMS_URL": "tencent://id:key@?sign=泾禾&app=1400000000&region=ap-guangzhou"})
    assert (tencent["host"], tencent["app"], tencent["region"]) == (
        "sms.tencentcloudapi.com",
        "1400000000",
        "ap-guangzhou",
    )


def test_plain_http_is_for_this_machine_only():
    local = read_sms({"SMS_URL": "json+https://k:s@127.0.0.1:9000/?sign=Desk&tls=none"})
    assert (local["encrypted"], local["port"]) == (False, 9000)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://sms.example.com", "must begin with"),
        ("json+http://k:s@sms.example.com/?sign=Desk", "must begin with"),
        ("aliyun+https://k:s@x?sign=Desk", "must begin with"),
        ("twilio://k:s@x?sign=Desk", "must begin with"),
        ("json+https://sms.example.com/?sign=Desk", "a key and its secret"),
        ("json+https://key@sms.example.com/?sign=Desk", "a key and its secret"),
        ("json+https://k:s@/?sign=Desk", "and a host"),
        ("json+https://k:s@sms.example.com/", "must say sign="),
        ("tencent://k:s@?sign=Desk&app=1", "must say region="),
        ("aliyun://k:s@?sign=Desk&app=1", "app=, which means nothing"),
        (f"{GOOD}&tls=none", "only for a host of this machine"),
        (f"{GOOD}&tls=off", "only say tls=none"),
        ("json+https://k:s@sms.example.com/?sign=A", "2 to 32 characters"),
        ("json+https://k:s@sms.example.com/?sign=%E3%80%90A%E3%80%91", "brackets"),
        ("json+https://k:s@sms.example.com:99999/?sign=Desk", "must look like"),
    ],
)
def test_a_wrong_address_stops_the_start_in_words_without_its_secret(url, said):
    with pytest.raises(ImproperlyConfigured, match=said) as refused:
        read_sms({"SMS_URL": url.replace("k:s@", "k:hush@")})
    assert "hush" not in str(refused.value)


@pytest.mark.parametrize(
    ("raw", "hours"),
    [
        ("", (1260, 480, False)),
        ("22:30-07:00", (1350, 420, False)),
        ("21:00-08:00,all", (1260, 480, True)),
        ("none", None),
    ],
)
def test_quiet_hours(raw, hours):
    assert read_quiet_hours({"SMS_QUIET_HOURS": raw}) == hours


@pytest.mark.parametrize("raw", ["9-17", "24:00-08:00", "21:00-08:00,some", "08:00-08:00", "21:00"])
def test_wrong_quiet_hours_stop_the_start(raw):
    with pytest.raises(ImproperlyConfigured, match="SMS_QUIET_HOURS"):
        read_quiet_hours({"SMS_QUIET_HOURS": raw})


def test_the_key_of_receipts_cannot_be_guessed():
    assert read_receipts_key({}) == ""
    assert read_receipts_key({"SMS_RECEIPTS_KEY": "a1_-" * 5}) == "a1_-" * 5
    for wrong in ("short", "with space and more than twenty", "slash/slash/slash/slash"):
        with pytest.raises(ImproperlyConfigured, match="SMS_RECEIPTS_KEY"):
            read_receipts_key({"SMS_RECEIPTS_KEY": wrong})
