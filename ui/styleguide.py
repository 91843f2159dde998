from datetime import timedelta

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render
from django.utils import timezone

from ui.form_rendering import ChoiceCards, Scale, SegmentedRadios

YES_NO = [("yes", "Yes, it is solved"), ("no", "No, it is still a problem")]
SCALE = [(1, "Not at all"), (2, "Not very"), (3, "So-so"), (4, "Quite"), (5, "Very")]
SWATCHES = [
    ("canvas", "page"),
    ("surface", "cards, fields"),
    ("sunken", "notes, hover"),
    ("line", "hairline"),
    ("line-strong", "control edge, 3:1"),
    ("text", "words"),
    ("muted", "second voice"),
    ("accent", "act here, you are here"),
    ("accent-soft", "selection, sent"),
    ("good", "kept"),
    ("good-soft", "ground of good"),
    ("warn", "soon, urgent"),
    ("warn-soft", "ground of warn"),
    ("bad", "broken, danger, error"),
    ("bad-soft", "ground of bad"),
]


class SampleForm(forms.Form):
    """One field of every layout."""

    phone = forms.CharField(label="Phone", help_text="Help stands above the field.")
    site = forms.ChoiceField(label="Site", choices=[("", "Choose…"), ("1", "Hexi Road station")])
    want = forms.CharField(
        label="What does the customer want?", required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    danger = forms.BooleanField(label="Somebody could get hurt", required=False, help_text="Leak, fire, fall.")
    evidence = forms.FileField(label="Evidence", required=False)
    channel = forms.ChoiceField(
        label="How it reached us",
        choices=[("in", "In person"), ("ph", "Phone"), ("o", "Other")],
        widget=SegmentedRadios,
    )
    told = forms.ChoiceField(
        label="The customer was told", choices=[("m", "With a message"), ("p", "By phone")], widget=forms.RadioSelect
    )
    solved = forms.ChoiceField(label="Is your problem solved?", choices=YES_NO, widget=ChoiceCards)
    rating = forms.ChoiceField(label="How satisfied are you?", choices=SCALE, widget=Scale)


@login_not_required
def styleguide(request):
    """Every token and component, living: only routed in debug, in English."""
    now = timezone.now()
    sample = {"channel": "in", "told": "m", "solved": "yes", "rating": "4", "phone": "139 0000 4417"}
    return render(
        request,
        "styleguide.html",
        {
            "now": now,
            "in_35_min": now + timedelta(minutes=35),
            "in_3_days": now + timedelta(days=3),
            "two_hours_ago": now - timedelta(hours=2),
            "yesterday": now - timedelta(days=1),
            "moments": {"received": now - timedelta(days=2), "verified": now - timedelta(days=1), "assigned": now},
            "form": SampleForm(sample, auto_id="sg_%s"),
            "swatches": SWATCHES,
        },
    )
