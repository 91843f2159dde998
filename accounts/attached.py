"""What a module remembers with an instance of a model, by type, without the model having to know of it.

REACH = Attached[Reach]("_reach")
REACH.set(person, Reach())
REACH.of(person)  # Reach | None
"""

from typing import Generic, TypeVar

What = TypeVar("What")


class Attached(Generic[What]):
    """An attribute `name` of instances, which goes when they go and is not saved."""

    def __init__(self, name: str):
        self.name = name

    def of(self, instance: object) -> What | None:
        """What was attached to the instance; None where nothing was."""
        return getattr(instance, self.name, None)

    def is_on(self, instance: object) -> bool:
        """Whether anything was attached, be it None."""
        return hasattr(instance, self.name)

    def set(self, instance: object, what: What) -> What:
        """Attach `what`, in the place of what was there, and return it."""
        setattr(instance, self.name, what)
        return what
