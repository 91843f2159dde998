"""The words a case is described with (SPEC, "Words")."""

from django.db import models
from django.utils.translation import gettext_lazy as _, pgettext_lazy


class Kind(models.TextChoices):
    COMPLAINT = "complaint", _("Complaint")
    SUGGESTION = "suggestion", _("Suggestion")
    LATENT = "latent", _("Latent complaint")
    # Over as soon as it is received: the people who answer for the place are told of it, and nobody owes anything.
    PRAISE = "praise", _("Praise")


class Channel(models.TextChoices):
    PHONE = "phone", _("Phone")
    WALK_IN = "walk_in", _("In person")
    WEB = "web", _("Web form")
    EMAIL = "email", _("E-mail")
    SMS = "sms", _("Text message")
    SOCIAL = "social", _("Social media")
    BOOK = "book", _("Opinion book")
    CALLBACK = "callback", _("Callback")
    LINK = "link", _("Customer link")
    API = "api", _("API")
    LETTER = "letter", _("Letter")
    IMPORT = "import", _("Import")


class Way(models.TextChoices):
    """How a customer wants to be told things (complaints.ways says what works)."""

    SMS = "sms", _("Text message")
    EMAIL = "email", _("E-mail")
    CALL = "call", _("Phone call")
    LETTER = "letter", pgettext_lazy("what we send", "Letter")


class Status(models.TextChoices):
    """The six states of a case; labels say what is done, `STAGE_LABELS` what goes on now."""

    RECEIVED = "received", _("Received")
    VERIFIED = "verified", _("Verified")
    ASSIGNED = "assigned", _("Assigned")
    RESOLVED = "resolved", _("Resolved")
    FEEDBACK = "feedback", _("Feedback recorded")
    ARCHIVED = "archived", _("Archived")


STATUS_ORDER = list(Status)

# In lists the work now going on is shown: an assigned case is being resolved.
STAGE_LABELS = {
    Status.RECEIVED: pgettext_lazy("stage", "To verify"),
    Status.VERIFIED: pgettext_lazy("stage", "To assign"),
    Status.ASSIGNED: pgettext_lazy("stage", "Resolving"),
    Status.RESOLVED: pgettext_lazy("stage", "Feedback"),
    Status.FEEDBACK: pgettext_lazy("stage", "To archive"),
    Status.ARCHIVED: pgettext_lazy("stage", "Archived"),
}


class Severity(models.TextChoices):
    DANGER = "danger", _("Danger")
    URGENT = "urgent", _("Urgent")
    NORMAL = "normal", _("Normal")
    COMPLEX = "complex", _("Complex")


class Outcome(models.TextChoices):
    """How a case ended."""

    SOLVED = "solved", _("Solved")
    UNSOLVED = "unsolved", _("Ended without agreement")
    WITHDRAWN = "withdrawn", _("Withdrawn by the customer")
    DUPLICATE = "duplicate", _("Duplicate of another complaint")
    INVALID = "invalid", _("Not a complaint")
    THANKED = "thanked", _("Praise, passed on")


class ConfirmedHow(models.TextChoices):
    """How the customer confirmed that we understood."""

    PHONE = "phone", _("On the phone")
    IN_PERSON = "in_person", _("In person")
    LINK = "link", _("On the link")
    NOT = "not", _("Not confirmed")


class ToldHow(models.TextChoices):
    """How the customer was told the result."""

    MESSAGE = "message", _("With a message")
    PHONE = "phone", _("By phone")
    IN_PERSON = "in_person", _("In person")


# The languages in which customers are written to, each by its own name.
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
