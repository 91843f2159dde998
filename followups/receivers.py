"""The only receiver of the case's events: event → promises, escalations and notices, in the same transaction."""

from complaints.events import events_recorded


def connect():
    """Listen to the history; called once at start-up."""
    events_recorded.connect(on_events, dispatch_uid="followups")


def on_events(sender, events, **kwargs):
    """Act on events in the transaction that wrote them."""
