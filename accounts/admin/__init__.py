"""The administration of people, teams, calendars and rules; Django finds it by this package's name.

Rights come from roles (SPEC, "Roles"), so Django's groups and allauth's address book have no page.
"""

from allauth.account.admin import EmailAddress
from django.contrib import admin
from django.contrib.auth.models import Group

from accounts.admin import calendars, people, rules, teams

__all__ = ["calendars", "people", "rules", "teams"]

# Both were registered by the imports above.
admin.site.unregister([Group, EmailAddress])
