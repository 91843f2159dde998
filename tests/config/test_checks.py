import pytest

from config import checks


@pytest.mark.parametrize(
    ("host", "expected"), [("localhost", True), ("127.0.0.1", True), ("::1", True), ("desk.example.com", False)]
)
def test_loopback_is_this_machine_only(host, expected):
    assert checks.is_loopback(host) is expected


def test_plain_http_across_a_network_is_warned_about(settings):
    settings.DEBUG, settings.SECURE, settings.ALLOWED_HOSTS = False, False, ["desk.example.com"]
    settings.BASE_URL = "http://desk.example.com"
    found = checks.base_url_is_encrypted(None)
    assert [warning.id for warning in found] == ["desk.W001"]
    assert "http://desk.example.com" in found[0].msg


@pytest.mark.parametrize(
    ("debug", "secure", "host"), [(True, False, "desk.lan"), (False, True, "desk.lan"), (False, False, "127.0.0.1")]
)
def test_debug_https_and_this_machine_are_fine(settings, debug, secure, host):
    settings.DEBUG, settings.SECURE, settings.ALLOWED_HOSTS = debug, secure, [host]
    assert checks.base_url_is_encrypted(None) == []


def test_production_without_a_mail_server_is_warned_about(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    assert [warning.id for warning in checks.mail_leaves_the_machine(None)] == ["desk.W002"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert checks.mail_leaves_the_machine(None) == []


def test_the_owner_as_the_applications_role_is_warned_about(db):
    found = checks.history_is_protected_from_the_application(None, databases=["default"])
    assert [warning.id for warning in found] == ["desk.W003"]


def test_checks_that_ask_no_database_leave_it_alone(django_db_blocker):
    assert checks.history_is_protected_from_the_application(None, databases=None) == []
