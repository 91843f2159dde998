"""Signing in: by e-mail or user name, throttled, and silent about which accounts exist.

Rules: SECURITY, rows 14, 15, 16 and 19. Unknown name, wrong password and a person who has left get
one answer after the same work; links in mails come from settings.BASE_URL, never from the request.
"""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.core.mail import EmailMessage
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts.models import Person


class SignInBackend(ModelBackend):
    """Finds a person by user name or e-mail, in any case, and always hashes one password."""

    def authenticate(self, request, username=None, password=None, email=None, **credentials):
        """Return the active person with this name and password, or None."""
        login = email or username
        if not login or not password:
            return None
        found = Person.objects.filter(Q(username__iexact=login) | Q(email__iexact=login))
        # Somebody's user name may look like somebody else's address: the name wins.
        person = min(found, key=lambda one: one.username.lower() != login.lower(), default=None)
        if person is None:
            Person().set_password(password)
            return None
        return person if person.check_password(password) and self.user_can_authenticate(person) else None


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

    def get_password_change_redirect_url(self, request):
        return reverse("accounts:preferences")


def mail_password_reset(email: str) -> bool:
    """Mail a link for a new password, in the person's language; returns whether anybody was mailed.

    The link works once, for settings.PASSWORD_RESET_TIMEOUT seconds. Raises what the mail server raises.
    """
    person = Person.objects.filter(email__iexact=email, is_active=True).first()
    if person is None:
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
