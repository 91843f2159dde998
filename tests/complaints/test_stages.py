from datetime import UTC, datetime

import pytest
from django.template import Context, Template

from complaints.choices import STATUS_ORDER, Severity
from complaints.templatetags import stages

NOON = datetime(2026, 11, 18, 4, 0, tzinfo=UTC)


def render(source, **context):
    return Template("{% load stages %}" + source).render(Context({"now": NOON, **context}))


@pytest.mark.parametrize("number", range(6))
def test_every_status_has_its_pips_and_the_work_going_on(number):
    html = stages.stage(STATUS_ORDER[number])
    assert f"#stage-{number + 1}" in html


def test_an_assigned_case_is_shown_as_being_resolved():
    assert "Resolving" in stages.stage("assigned")


@pytest.mark.parametrize("key", Severity.values)
def test_every_severity_has_icon_and_word(key):
    html = stages.severity(key)
    assert f"sev--{key}" in html
    assert "<use" in html
    assert str(Severity(key).label) in html


def test_the_stepper_shows_what_is_done_and_what_is_next():
    html = render('{% stage_steps "assigned" moments "3 things missing" %}', moments={"received": NOON})
    assert html.count("is-done") == 3
    assert html.count('aria-current="step"') == 1
    assert html.index("is-now") < html.index("3 things missing")
    assert "step 4 of 6" in html
    assert "Wed 18 Nov" in html


def test_an_archived_case_has_no_step_left():
    html = render('{% stage_steps "archived" %}')
    assert html.count("is-done") == 6
    assert "aria-current" not in html
