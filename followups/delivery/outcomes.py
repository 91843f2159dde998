"""What may become of handing a message over, besides that it is taken; the same for every channel."""

from datetime import timedelta


class NotNow(Exception):
    """Nothing was handed over; it may work later. `server` says that the fault is not this message's.

    `wait` is how long the other side wants to be left in peace, where it says so.
    """

    def __init__(self, message: str, *, server: bool = False, wait: timedelta | None = None) -> None:
        super().__init__(message)
        self.server, self.wait = server, wait


class Never(Exception):
    """The server refuses this recipient or this message for good; `blames_address`: and whatever else goes there."""

    def __init__(self, message: str, *, blames_address: bool = True) -> None:
        super().__init__(message)
        self.blames_address = blames_address


class OutcomeUnknown(Exception):
    """The body was sent and no answer came: the message may or may not have been accepted."""
