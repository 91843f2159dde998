from datetime import UTC, datetime, timedelta

import pytest
from django.forms.renderers import DjangoTemplates, get_default_renderer
from django.template import Context, Template
from django.utils import timezone

from ui.templatetags import desk

NOON = datetime(2026, 11, 18, 4, 0, tzinfo=UTC)


def render(source, **context):
    with timezone.override("Asia/Shanghai"):
        return Template("{% load desk %}" + source).render(Context({"now": NOON, **context}))


@pytest.mark.parametrize(("code", "tag"), [("en", "en"), ("zh-hans", "zh-Hans")])
def test_the_language_is_written_as_html_wants_it(code, tag):
    assert desk.language_tag(code) == tag


def test_an_icon_is_hidden_from_screen_readers():
    html = render('{% icon "search" "icon-l" %}')
    assert 'class="icon icon-l" aria-hidden="true"' in html
    assert 'href="/static/icons/sprite.svg#search"' in html


def test_an_open_promise_has_icon_words_colour_and_the_absolute_moment():
    html = render("{% promise_chip due %}", due=NOON + timedelta(minutes=35))
    assert "promise--soon" in html
    assert "#hourglass-split" in html
    assert 'datetime="2026-11-18T12:35:00+08:00" title="Wed 18 Nov, 12:35">in 35 min</time>' in html


def test_a_promise_past_its_moment_is_broken_before_any_worker_says_so():
    html = render('{% promise_chip due "open" %}', due=NOON - timedelta(hours=2))
    assert "promise--broken" in html
    assert "broken 2 h ago" in html


def test_a_case_without_open_promise_says_so():
    assert "no open promise" in render("{% promise_chip None %}")


def test_moments_of_one_page_agree_on_now():
    html = render("{% relative m %}|{% absolute m 'day' %}|{% clock m %}", m=NOON + timedelta(hours=3))
    assert [part.split(">")[1].split("<")[0] for part in html.split("|")] == ["in 3 h", "Wed 18 Nov", "today 15:00"]


@pytest.mark.parametrize(
    ("number", "html"),
    [
        (0, '<span class="count">0</span>'),
        (3, '<span class="count count--bad">3</span>'),
        (1000, '<span class="count count--bad">1000</span>'),
        (1001, '<span class="count count--bad">1000+</span>'),
    ],
)
def test_a_count_is_bounded_and_red_only_when_there_is_something(number, html):
    assert render('{% count number "bad" %}', number=number) == html


def test_names_are_escaped():
    assert "<script" not in render("{% avatar name %}", name="<script>")


def test_a_message_has_the_look_of_its_level():
    assert desk.message_look("error") == {"kind": "bad", "icon": "x-octagon-fill"}
    assert desk.message_look("info") == {"kind": "", "icon": "info-circle"}


@pytest.mark.parametrize(
    "attrs",
    [
        {},
        {"id": "id_a", "maxlength": 200, "required": True, "disabled": False, "value": None},
        {"class": 'a" onclick="b', "data-a": "<&>", "aria-label": "您好"},
    ],
)
def test_the_attributes_of_an_input_are_written_as_django_writes_them(attrs):
    name, context = "django/forms/widgets/attrs.html", {"widget": {"attrs": attrs}}
    assert get_default_renderer().render(name, context) == DjangoTemplates().render(name, context)
