from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

# Raise it with every change of what is indexed of a text (and make the migration that the index below asks for).
RULES = 2


class SearchDocument(models.Model):
    """The tokens of everything said in a complaint; apart from it, so that its row stays small."""

    complaint = models.OneToOneField(
        "complaints.Complaint", on_delete=models.CASCADE, primary_key=True, related_name="search_document"
    )
    tokens = SearchVectorField()
    # How the tokens begin (search.tokens.beginnings_of): only looked up, so that words of the index are enough.
    begins = SearchVectorField()
    # By which rules the tokens were made; documents of older ones are made anew by search.rebuild, a few at a time.
    rules = models.PositiveSmallIntegerField(default=RULES, db_default=1)

    class Meta:
        indexes = [
            # A search reads what new documents have not been sorted in yet, one by one (in kB): little of it.
            GinIndex(fields=["tokens", "begins"], name="search_tokens", gin_pending_list_limit=256),
            models.Index(fields=["complaint"], condition=models.Q(rules__lt=RULES), name="search_old_rules"),
        ]

    def __str__(self):
        return str(self.complaint_id)
