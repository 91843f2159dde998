from datetime import timedelta

import pytest

from complaints.case.actors import Actor
from complaints.intake import repeats
from complaints.models import Complaint
from complaints.steps import lifecycle
from tests.cases import NARRATIVE, at_stage, logged

DAY = timedelta(days=1)
PHONE = "+8613900004417"
OTHER = {"phone": "138 1111 2222", "name": "Li Si", "email": "li@customer.example"}
RUDE = "Your cashier shouted at my mother because of a coupon"


def known(cast, at, text=NARRATIVE, *, person=None, site=None, phone_key=PHONE) -> repeats.Known:
    told = repeats.Story(text, (site or cast.hexi).pk, phone_key)
    return repeats.known(told, Complaint.objects.visible_to(person or cast.director), at=at)


def likely(found) -> list[Complaint]:
    return [each.complaint for each in found.likely]


class TestLikely:
    def test_another_customer_about_the_same_thing_at_the_same_site(self, cast, at):
        complaint = logged(cast, at, **OTHER)
        (found,) = known(cast, at).likely
        assert (found.complaint, found.of_customer) == (complaint, False)
        assert "litres" in found.words

    def test_not_at_another_site_unless_they_name_the_same_number(self, cast, at):
        logged(cast, at, site=cast.weiyang, team=cast.weiyang, **OTHER)
        named = logged(cast, at, site=cast.weiyang, team=cast.weiyang, narrative="陕A·12345 stood in my way", **OTHER)
        assert likely(known(cast, at)) == []
        assert likely(known(cast, at, "The driver of 陕A12345 was rude")) == [named]

    def test_the_same_customer_at_any_site_comes_first(self, cast, at):
        ours = logged(cast, at, site=cast.weiyang, team=cast.weiyang)
        theirs = logged(cast, at, **OTHER)
        found = known(cast, at)
        assert likely(found) == [ours, theirs]
        assert [each.of_customer for each in found.likely] == [True, False]

    def test_not_what_is_about_something_else(self, cast, at):
        logged(cast, at, narrative=RUDE)
        of_another = logged(cast, at, narrative=RUDE, **OTHER)
        found = known(cast, at)
        assert found.likely == []
        assert found.at_site == [of_another], "what the customer told before stands with the customer"

    def test_neither_archived_nor_old_ones(self, cast, at):
        at_stage(cast, "archived", at - DAY, **OTHER)
        logged(cast, at - 91 * DAY, **OTHER)
        assert likely(known(cast, at)) == []

    def test_only_what_the_person_sees(self, cast, at):
        logged(cast, at, **OTHER)
        assert likely(known(cast, at, person=cast.stranger)) == []
        assert known(cast, at, person=cast.stranger).at_site == []

    def test_words_that_most_cases_of_the_site_use_tell_nothing(self, cast, at):
        for number in range(8):
            logged(cast, at, narrative=f"At pump 4 I filled up some litres of it, case {number}", **OTHER)
        found = known(cast, at, "At pump 4 I filled up litres and the receipt is wrong", phone_key="")
        assert found.likely == []
        assert len(found.at_site) == repeats.MOST_SHOWN

    def test_at_most_five_are_shown(self, cast, at):
        for _number in range(7):
            logged(cast, at)
        assert len(known(cast, at).likely) == repeats.MOST_SHOWN

    def test_nothing_told_asks_nothing(self, cast, at, django_assert_num_queries):
        visible = Complaint.objects.visible_to(cast.director)
        with django_assert_num_queries(0):
            assert repeats.known(repeats.Story(""), visible, at=at) == repeats.Known([], [], 1)


class TestEarlier:
    def earlier(self, complaint, at) -> list[str]:
        return repeats.earlier(complaint, at=at)

    def test_those_of_the_customer_about_the_same_site_or_in_words_alike(self, cast, at):
        here = logged(cast, at - 9 * DAY, narrative=RUDE)
        elsewhere = logged(cast, at - 5 * DAY, site=cast.weiyang)
        logged(cast, at - 4 * DAY, site=cast.weiyang, narrative="Coffee was cold")
        assert self.earlier(logged(cast, at), at) == [elsewhere.reference, here.reference]

    def test_a_customer_is_known_again_by_the_number_whatever_the_name(self, cast, at):
        first = logged(cast, at - DAY, name="Wang Jianguo")
        assert self.earlier(logged(cast, at, name="Wang's wife", phone="13900004417", email=""), at) == [
            first.reference
        ]

    def test_without_a_number_by_being_the_same_customer(self, cast, at):
        first = logged(cast, at - DAY, phone="")
        assert self.earlier(logged(cast, at, phone=""), at) == [first.reference]

    @pytest.mark.parametrize("given", [OTHER, {"name": "", "phone": "", "email": "", "wishes_no_contact": True}])
    def test_not_those_of_others_or_of_nobody(self, cast, at, given):
        logged(cast, at - DAY, **given)
        assert self.earlier(logged(cast, at), at) == []
        assert self.earlier(logged(cast, at, name="", phone="", email="", wishes_no_contact=True), at) == []

    def test_not_old_ones(self, cast, at):
        logged(cast, at - 90 * DAY)
        just = logged(cast, at - 90 * DAY + timedelta(seconds=1))
        assert self.earlier(logged(cast, at), at) == [just.reference]

    @pytest.mark.parametrize("outcome", ["withdrawn", "duplicate"])
    def test_not_what_was_closed_because_it_was_none(self, cast, at, outcome):
        original, closed = logged(cast, at - 3 * DAY, **OTHER), logged(cast, at - 2 * DAY)
        data = {"outcome": outcome, "reason": "Said so", "duplicate_of": original}
        lifecycle.perform(closed.pk, "close_early", actor=Actor.staff(cast.handler), at=at - DAY, data=data)
        assert self.earlier(logged(cast, at), at) == []

    def test_not_what_was_imported_or_only_suggested(self, cast, at):
        logged(cast, at - DAY, source={"file": "old.csv", "line": 7})
        logged(cast, at - DAY, kind="suggestion")
        ours = logged(cast, at)
        assert self.earlier(ours, at) == []
        assert self.earlier(logged(cast, at, kind="suggestion"), at) == []
