from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models


class SearchDocument(models.Model):
    """The tokens of everything said in a complaint; apart from it, so that its row stays small."""

    complaint = models.OneToOneField(
        "complaints.Complaint", on_delete=models.CASCADE, primary_key=True, related_name="search_document"
    )
    tokens = SearchVectorField()
    # How the tokens begin (search.tokens.beginnings_of): only looked up, so that words of the index are enough.
    begins = SearchVectorField()

    class Meta:
        # A search reads what new documents have not been sorted in yet, one by one (in kB): little of it.
        indexes = [GinIndex(fields=["tokens", "begins"], name="search_tokens", gin_pending_list_limit=256)]

    def __str__(self):
        return str(self.complaint_id)
