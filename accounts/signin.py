"""Signing in: by e-mail or user name, throttled, and silent about which accounts exist.

Rules: SECURITY, rows 14, 15, 16 and 19. Unknown name, wrong password and a person who has left get
one answer after the same work; links in mails come from settings.BASE_URL, never from the request.
"""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.core import context
from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.backends import ModelBackend
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts.models import Person
from accounts.signin_tries import Attempt, remember
from accounts.throttle import Limit, allow, client_address
from accounts.written import Given, WrittenRows
from ui.way_back import is_page_of_ours

# However the address was written when it was asked for. The links mailed before still work.
RESETS: Limit = {"limit": 5, "seconds": 3600}


_BY_KEY = WrittenRows(Person, lambda people: people.filter(pk=Given("key")))


class SignInBackend(ModelBackend):
    """Finds a person by user name or e-mail, in any case, and always hashes one password."""

    def authenticate(self, request, username=None, password=None, email=None, **credentials):
        """Return the active person with this name and password, or None."""
        login = email or username
        if not login or not password:
            return None
        person = Person.objects.called(login)
        if person is None:
            Person().set_password(password)
            return None
        return person if person.check_password(password) and self.user_can_authenticate(person) else None

    def get_user(self, user_id):
        """Who is signed in, None where they may not be any more; every request asks, so the query is written once."""
        person = next(iter(_BY_KEY.instances(key=user_id)), None)
        return person if person is not None and self.user_can_authenticate(person) else None


class ClosedSignUp(DefaultAccountAdapter):
    """allauth's adapter: administrators make the accounts; nobody signs up."""

    NO_MATCH = _("Name and password do not match. Check both and try again.")
    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": NO_MATCH,
        "email_password_mismatch": NO_MATCH,
        "account_inactive": NO_MATCH,
        "too_many_login_attempts": _(
            "Too many tries for this name. Wait five minutes, or get a new password with the link below."
        ),
        "enter_current_password": _("This is not your current password."),
    }

    def is_open_for_signup(self, request):
        return False

    def is_safe_url(self, url):
        """Whether `next` may be led to after signing in or out."""
        return is_page_of_ours(url, context.request)

    def get_client_ip(self, request):
        return client_address(request)

    def authenticate(self, request, **credentials):
        """Return the person, or None; raises ValidationError after too many tries.

        In place of allauth's, which counts by the Host header and the name as typed.
        """
        attempt = Attempt(request, credentials.get("email") or credentials.get("username") or "")
        if attempt.is_too_many:
            raise self.validation_error("too_many_login_attempts")
        person = authenticate(request, **credentials)
        if person is None or attempt.is_refused:
            return None
        attempt.give_back()
        return person

    def pre_login(self, request, user, **kwargs):
        """Who was made by a command never chose a language: at first it is the one that their browser asks for."""
        if user.is_superuser and user.last_login is None:
            user.language = request.LANGUAGE_CODE
            user.save(update_fields=["language"])
        return super().pre_login(request, user, **kwargs)

    def post_login(self, request, user, **kwargs):
        response = super().post_login(request, user, **kwargs)
        remember(request, response, user)
        return response

    def get_password_change_redirect_url(self, request):
        return reverse("accounts:preferences")


def mail_password_reset(email: str) -> bool:
    """Mail a link for a new password, in the person's language; returns whether anybody was mailed.

    The link works once, for settings.PASSWORD_RESET_TIMEOUT seconds. Raises what the mail server raises.
    """
    person = Person.objects.with_same("email", email).filter(is_active=True).first()
    if person is None or not allow("new password", str(person.pk), **RESETS):
        return False
    link = {"uidb36": user_pk_to_url_str(person), "key": default_token_generator.make_token(person)}
    path = reverse("account_reset_password_from_key", kwargs=link)
    with translation.override(person.language):
        context = {
            "person": person,
            "url": settings.BASE_URL + path,
            "hours": settings.PASSWORD_RESET_TIMEOUT // 3600,
        }
        subject = render_to_string("account/email/password_reset_subject.txt", context).strip()
        body = render_to_string("account/email/password_reset_message.txt", context)
    EmailMessage(subject, body, to=[person.email]).send()
    return True
