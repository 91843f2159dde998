"""Reply templates: only what an administrator wrote is filled, once, in the customer's language."""

import pytest
from django.http import QueryDict

from complaints.models import Complaint, Customer, ReplyTemplate
from complaints.writing import reply_templates
from tests.cases import logged


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("王建国", "王"),
        ("欧阳修", "欧阳"),
        ("司马相如", "司马"),
        ("欧阳", "欧阳"),
        ("高峰", "高"),
        ("王先生", "王"),
        ("买买提·吐尔逊", "买买提·吐尔逊"),
        ("泾禾能源有限公司", "泾禾能源有限公司"),
        ("Wang Jianguo", "Wang Jianguo"),
        ("J. Smith", "J. Smith"),
        ("王 Jianguo", "王 Jianguo"),
    ],
)
def test_the_surname_is_known_for_names_in_chinese_characters_only(name, expected):
    assert reply_templates.surname(name) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"name": "王建国", "title": "mr"}, "Dear Mr 王"),
        ({"name": "何静", "title": "ms"}, "Dear Ms 何"),
        ({"name": "王建国"}, "Dear 王建国"),
        ({"name": "Wang Jianguo", "title": "mr"}, "Dear Mr Wang Jianguo"),
        ({"name": ""}, "Dear customer"),
    ],
)
def test_a_letter_begins_by_title_and_surname_else_by_the_name_as_given(fields, expected):
    assert reply_templates.salutation(Customer(**fields)) == expected


def test_without_a_customer_the_letter_still_begins():
    assert reply_templates.salutation(None) == "Dear customer"


@pytest.mark.parametrize(
    "text", ["{{salutation", "{x}", "{0}", "{salutation.__class__}", "{ salutation }", "100 %s {}"]
)
def test_braces_that_are_no_variable_stay(text):
    assert reply_templates.fill(text, {"salutation": "Dear Mr Wang"}) == text
    assert reply_templates.unfilled(text) == []


def test_a_value_is_never_read_as_a_variable():
    values = {"salutation": "Dear {reference}", "reference": "C-2026-000001"}
    assert reply_templates.fill("{salutation}", values) == "Dear {reference}"


def test_a_variable_without_a_value_stays_visible():
    text = reply_templates.fill("By {promised}, {promised}. {handler}", {"promised": "", "handler": "Li Min"})
    assert text == "By {promised}, {promised}. Li Min"
    assert reply_templates.unfilled(text) == ["{promised}"]


def test_the_values_speak_of_this_complaint(cast, at):
    complaint = logged(cast, at)
    values = reply_templates.values_for(complaint, writer=cast.frontline, at=at)
    assert set(values) == set(reply_templates.VARIABLES)
    assert {name: value for name, value in values.items() if value} == {
        "salutation": "Dear Wang Jianguo",
        "handler": "Zhou Kai",
        "reference": complaint.reference,
        "promised": "Wednesday 18 November, 11:00",
        "result_by": "Wednesday 25 November, 10:00",
    }


def test_who_looks_after_it_is_named_in_the_customers_language(cast, at):
    complaint = logged(cast, at, language="zh-hans")
    Complaint.objects.filter(pk=complaint.pk).update(handler=cast.handler)
    values = reply_templates.values_for(Complaint.objects.get(pk=complaint.pk), writer=cast.frontline, at=at)
    assert values["handler"] == "李敏"


def test_brackets_of_a_template_are_holes_and_those_of_a_person_are_not(cast):
    ReplyTemplate.objects.create(name="Result", body="[what we found]", body_zh="【调查结论】", active=False)
    assert reply_templates.unfilled("Result: [what we found], 【调查结论】") == ["[what we found]", "【调查结论】"]
    assert reply_templates.unfilled("He wrote “teh [sic] pump”【重要】[1] array[0] [what we found out]") == []
    with pytest.raises(reply_templates.Unfilled) as refused:
        reply_templates.refuse_unfilled("It was [what we\u200b found] and {new_date}")
    assert refused.value.holes == ["{new_date}"]
    with pytest.raises(reply_templates.Unfilled, match="what we found"):
        reply_templates.refuse_unfilled("It was [what we found]")


def test_templates_are_asked_only_where_a_bracket_stands(cast, django_assert_num_queries):
    with django_assert_num_queries(0):
        reply_templates.refuse_unfilled("Nothing to see here {x}")
    with django_assert_num_queries(1):
        reply_templates.refuse_unfilled("[sic]")


def test_the_text_is_the_one_of_the_customers_language(cast, at):
    template = ReplyTemplate(body="Thank you.", body_zh="谢谢。")
    chinese, english = logged(cast, at, language="zh-hans"), logged(cast, at, language="en")
    assert reply_templates.text_for(template, chinese, writer=cast.handler, at=at) == "谢谢。"
    assert reply_templates.text_for(template, english, writer=cast.handler, at=at) == "Thank you."


def test_a_retired_template_cannot_be_chosen(cast, at):
    template = ReplyTemplate.objects.create(name="Old", body="Old words", body_zh="旧", active=False)
    data = reply_templates.with_template(
        QueryDict(f"template={template.pk}&body=Mine"), "body", logged(cast, at), writer=cast.handler, at=at
    )
    assert data["body"] == "Mine"
