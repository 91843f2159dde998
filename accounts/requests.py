"""The request of somebody who is signed in, by type: `accounts.middleware.SignInRequired` lets no one else through."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from accounts.models import Person


class DeskRequest(HttpRequest):
    """For annotations only: what the middleware makes of a request before a page of staff sees it."""

    user: Person
    htmx: HtmxDetails
