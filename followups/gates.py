"""What the room of follow-ups asks for before a case moves on."""


def register():
    """Add our gates to the lifecycle; called once at start-up."""
