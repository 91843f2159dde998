"""`iexact` as the indexes of this project answer it."""

from django.db.models import CharField, Value
from django.db.models.functions import Lower
from django.db.models.lookups import Exact, IExact


class SameInLowerCase(IExact):
    """`name__iexact` as LOWER(name) = LOWER(value), which every index and constraint on Lower() answers.

    Django's own asks for UPPER: no such index helps, the whole table is read, and "ı" is taken for "i", which the
    unique constraints keep apart. An index for it has no condition: that an address is not empty PostgreSQL cannot
    conclude from its lower case.
    """

    def as_sql(self, compiler, connection):
        """The comparison, compiled as expressions."""
        value = self.rhs if hasattr(self.rhs, "resolve_expression") else Value(self.rhs)
        return compiler.compile(Exact(Lower(self.lhs), Lower(value)))


def register():
    """Let every CharField compare so (EmailField is one); called once at start-up."""
    CharField.register_lookup(SameInLowerCase)
