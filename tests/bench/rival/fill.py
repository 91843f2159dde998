"""Fills django-helpdesk with open tickets whose texts come as JSON lines on standard input; runs in its own Python.

Prints as JSON what the client needs: the key of a session of somebody of the staff, and addresses of tickets.
"""

import json
import sys
from itertools import islice

import django

BATCH = 2000


def main():
    """Store everything with the project's own models."""
    django.setup()
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from django.db import connection
    from helpdesk.models import FollowUp, Queue, Ticket
    from helpdesk.query import query_to_base64

    call_command("migrate", verbosity=0)
    call_command("loaddata", "emailtemplate.json", verbosity=0)
    staff = get_user_model().objects.create_superuser("staff", "staff@desk.example", "only for measuring")
    queue = Queue.objects.create(title="Complaints", slug="complaints", allow_public_submission=True)
    lines = map(json.loads, sys.stdin)
    while batch := list(islice(lines, BATCH)):
        tickets = Ticket.objects.bulk_create(
            Ticket(
                title=line["title"],
                description=line["body"],
                submitter_email=line["email"],
                queue=queue,
                status=Ticket.OPEN_STATUS,
                assigned_to=staff,
            )
            for line in batch
        )
        FollowUp.objects.bulk_create(
            FollowUp(ticket=ticket, title="Comment", comment=words, public=True, user=staff)
            for ticket, line in zip(tickets, batch, strict=True)
            for words in line["said"]
        )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    print(json.dumps(told(staff, queue, Ticket, query_to_base64)))


def told(staff, queue, model, query_to_base64) -> dict:
    """What the client asks for."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    session = SessionStore()
    session[SESSION_KEY] = str(staff.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = staff.get_session_auth_hash()
    session.create()
    open_ones = {"filtering": {"status__in": [1, 2]}, "sorting": "created", "sortreverse": True}
    search = open_ones | {"search_string": "发票"}
    newest = model.objects.order_by("-pk")[:20]
    return {
        "session": session.session_key,
        "queue": queue.pk,
        "list": f"/helpdesk/datatables_ticket_list/{query_to_base64(open_ones)}?draw=1&start=0&length=50",
        "search": f"/helpdesk/datatables_ticket_list/{query_to_base64(search)}?draw=1&start=0&length=50",
        "tickets": [f"/helpdesk/tickets/{ticket.pk}/" for ticket in newest],
        "public": [
            f"/helpdesk/view/?ticket={ticket.ticket_for_url}&email={ticket.submitter_email}&key={ticket.secret_key}"
            for ticket in newest
        ],
    }


main()
