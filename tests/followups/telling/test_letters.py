"""Letters to customers with a postal address only: owed, prepared, posted; and what stands on the paper."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Team
from complaints.case.actors import Actor
from complaints.choices import Status
from complaints.conversation import messages
from complaints.customer import links
from complaints.errors import GateRefused, NotAllowedNow, NotPermitted
from complaints.models import Complaint
from complaints.steps import facts
from followups.models import Notice, Promise, Telling
from followups.models.promise import PromiseKind
from followups.outbox import notices
from followups.telling import letter_paper, letters, saying
from tests.cases import at_stage, logged
from tests.flat import flat
from tests.papers import codes_of, places_of, sizes_of, texts_of

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ENGLISH = {
    "name": "Jiang Meiling",
    "title": "ms",
    "phone": "",
    "email": "",
    "postal_address": "Apartment 1203, Unit 3, 18 Liuyin Road, Hexi District, Jinghe 700012",
}
CHINESE = ENGLISH | {
    "name": "姜美玲",
    "postal_address": "泾禾市河西区柳荫路18号3单元1203室 700012",
    "language": "zh-hans",
}


@pytest.fixture
def complaint(cast, at) -> Complaint:
    Team.objects.filter(pk=cast.company.pk).update(
        postal_address="2 Station Square, Jinghe 700001", postal_address_zh="泾禾市站前广场2号 700001"
    )
    return logged(cast, at - HOUR, **ENGLISH)


def owed(complaint) -> list[int]:
    return list(Notice.objects.filter(complaint=complaint, state=Notice.State.TO_SAY).values_list("pk", flat=True))


def prepared(cast, complaint, at) -> list[int]:
    ids = owed(complaint)
    letters.prepare(complaint.pk, notice_ids=ids, actor=Actor.staff(cast.frontline), at=at)
    return ids


def post(cast, complaint, ids, on, at, who="frontline") -> list[Telling]:
    return letters.posted(complaint.pk, notice_ids=ids, on=on, actor=Actor.staff(getattr(cast, who)), at=at)


class TestWhoIsWritten:
    def test_somebody_with_an_address_only_is_no_call_but_a_letter(self, cast, complaint):
        (letter,), printed = letters.waiting(cast.frontline)
        assert (letter.complaint, letter.things, printed) == (complaint, ["We have your complaint"], [])
        assert letter.due_at == complaint.promises.get(kind=PromiseKind.TELL).due_at
        assert saying.call_list(cast.frontline, most=10) == []

    def test_with_a_phone_it_stays_a_call(self, cast, complaint, at):
        facts.correct(complaint.pk, actor=Actor.staff(cast.handler), at=at, data={"phone": "139 0000 4417"})
        assert letters.waiting(cast.frontline) == ([], [])
        assert len(saying.call_list(cast.frontline, most=10)) == 1

    def test_an_address_that_is_learnt_turns_the_call_into_a_letter(self, cast, at):
        called = logged(cast, at - HOUR, phone="139", email="")
        data = {"phone": "", "postal_address": "18 Liuyin Road"}
        facts.correct(called.pk, actor=Actor.staff(cast.handler), at=at, data=data)
        assert [letter.complaint for letter in letters.waiting(cast.frontline)[0]] == [called]

    def test_an_e_mail_that_is_learnt_mails_it(self, cast, complaint, at):
        facts.correct(complaint.pk, actor=Actor.staff(cast.handler), at=at, data={"email": "j@customer.example"})
        assert letters.waiting(cast.frontline) == ([], [])
        assert complaint.notices.filter(to_customer=True, state=Notice.State.QUEUED).exists()

    def test_who_does_not_see_the_case_writes_no_letter(self, cast, complaint):
        assert letters.waiting(cast.stranger) == ([], [])

    def test_the_result_is_no_reason_to_call(self, cast, at):
        told = at_stage(cast, Status.RESOLVED, at - HOUR, **ENGLISH)
        assert not told.callbacks.exists()


class TestPosting:
    def test_posted_is_told_with_its_words_and_the_address(self, cast, complaint, at):
        ids = prepared(cast, complaint, at - DAY)
        (telling,) = post(cast, complaint, ids, timezone.localdate(at), at)
        assert (telling.way, telling.evidence, telling.by) == ("letter", "posted", cast.frontline)
        assert telling.address == ENGLISH["postal_address"]
        assert f"has the reference {complaint.reference}" in telling.words
        assert not owed(complaint)
        assert complaint.promises.get(kind=PromiseKind.TELL).state == Promise.State.KEPT
        assert complaint.events.filter(kind="told", data__evidence="posted").count() == 1

    def test_what_was_printed_is_what_was_told(self, cast, complaint, at):
        ids = prepared(cast, complaint, at - HOUR)
        words = Notice.objects.get(pk=ids[0]).words
        Team.objects.filter(pk=cast.hexi.pk).update(name="Another name")
        letters.prepare(complaint.pk, notice_ids=ids, actor=Actor.staff(cast.handler), at=at)
        (telling,) = post(cast, complaint, ids, timezone.localdate(at), at)
        assert telling.words == words

    def test_twice_is_once(self, cast, complaint, at):
        ids = prepared(cast, complaint, at - HOUR)
        post(cast, complaint, ids, timezone.localdate(at), at)
        assert post(cast, complaint, ids, timezone.localdate(at), at) == []
        assert complaint.tellings.count() == 1

    def test_who_comes_second_hears_that_it_was_told(self, cast, complaint, at):
        ids = prepared(cast, complaint, at - HOUR)
        post(cast, complaint, ids, timezone.localdate(at), at)
        with pytest.raises(NotAllowedNow):
            post(cast, complaint, ids, timezone.localdate(at), at, who="handler")
        with pytest.raises(NotAllowedNow):
            letters.prepare(complaint.pk, notice_ids=ids, actor=Actor.staff(cast.handler), at=at)

    @pytest.mark.parametrize("days", [-2, 1])
    def test_no_day_before_it_was_printed_and_none_to_come(self, cast, complaint, at, days):
        ids = prepared(cast, complaint, at - DAY)
        with pytest.raises(GateRefused):
            post(cast, complaint, ids, timezone.localdate(at + days * DAY), at)
        assert owed(complaint) == ids

    @pytest.mark.parametrize(("days_ago", "hour"), [(0, None), (1, 12), (2, None)])
    def test_it_counts_from_noon_but_not_before_it_was_printed_nor_from_later(
        self, cast, complaint, at, days_ago, hour
    ):
        printed_at = at - 2 * DAY
        ids = prepared(cast, complaint, printed_at)
        (telling,) = post(cast, complaint, ids, timezone.localdate(at - days_ago * DAY), at)
        noon = timezone.localtime(at - days_ago * DAY).replace(hour=12, minute=0, second=0, microsecond=0)
        assert telling.at == min(max(noon, printed_at), at)
        assert printed_at <= telling.at <= at
        assert hour is None or telling.at == noon

    def test_what_is_not_printed_was_not_posted(self, cast, complaint, at):
        with pytest.raises(GateRefused):
            post(cast, complaint, owed(complaint), timezone.localdate(at), at)

    def test_what_came_later_is_another_letter(self, cast, complaint, at):
        ids = prepared(cast, complaint, at - HOUR)
        messages.say(
            complaint.pk, kind="public", body="The part came.", actor=Actor.staff(cast.handler), at=at - HOUR / 2
        )
        (fresh,), (printed,) = letters.waiting(cast.frontline)
        assert (printed.value, fresh.things) == ("-".join(map(str, ids)), ["News on your complaint"])
        post(cast, complaint, ids, timezone.localdate(at), at)
        assert len(owed(complaint)) == 1

    def test_somebody_with_a_phone_is_written_a_letter_instead(self, client, cast, at, now):
        called = logged(cast, now - HOUR, **ENGLISH | {"phone": "139 0000 4417"})
        client.force_login(cast.frontline)
        shown = flat(client.get(reverse("followups:tell", args=[called.reference])).content.decode())
        value = str(owed(called)[0])
        assert f'name="letter" value="{value}"' in shown
        client.post(reverse("followups:prepare_letters"), {"letter": value})
        assert [letter.complaint for letter in letters.waiting(cast.frontline)[1]] == [called]

    def test_strangers_neither_prepare_nor_post(self, cast, complaint, at):
        ids = prepared(cast, complaint, at - HOUR)
        for who in ("auditor", "stranger"):
            actor = Actor.staff(getattr(cast, who))
            with pytest.raises(NotPermitted):
                letters.prepare(complaint.pk, notice_ids=ids, actor=actor, at=at)
            with pytest.raises(NotPermitted):
                post(cast, complaint, ids, timezone.localdate(at), at, who=who)

    def test_without_an_address_there_is_no_letter(self, cast, at):
        called = logged(cast, at - HOUR, phone="139", email="")
        with pytest.raises(GateRefused):
            letters.prepare(called.pk, notice_ids=owed(called), actor=Actor.staff(cast.handler), at=at)


class TestThePaper:
    def paper(self, cast, complaint, at) -> bytes:
        prepared(cast, complaint, at)
        return letter_paper.printed(letters.waiting(cast.frontline)[1], now=at)

    def test_an_english_letter(self, cast, complaint, at):
        pdf = self.paper(cast, complaint, at)
        assert sizes_of(pdf) == [(210, 297)]
        text = texts_of(pdf)[0]
        for words in (
            "Ms Jiang Meiling",
            "Dear Ms Jiang Meiling,",
            complaint.reference,
            "Yours sincerely,",
            "Page 1 of 1",
        ):
            assert words in text
        assert "18 Nov 2026" in text
        assert "2 Station Square" in text
        assert codes_of(pdf) == [[links.public_url(complaint)]]
        # The key to the case stands in the code alone.
        assert links.public_path(complaint) not in text

    def test_the_address_stands_in_the_window_of_the_envelope_and_nothing_else_does(self, cast, complaint, at):
        pdf = self.paper(cast, complaint, at)
        places = [*places_of(pdf, "Ms Jiang Meiling")[:1], *places_of(pdf, "Liuyin"), *places_of(pdf, "700012")]
        assert len(places) == 3
        for left, top, right, bottom in places:
            assert 20 < left < right < 105
            assert 45 < top < bottom < 90
        assert places_of(pdf, "Reference")[0][0] > 105
        assert places_of(pdf, "Dear")[0][1] > 90

    def test_a_chinese_letter(self, cast, at):
        complaint = logged(cast, at - HOUR, **CHINESE)
        pdf = self.paper(cast, complaint, at)
        text = texts_of(pdf)[0]
        for words in ("姜美玲女士 收", "尊敬的姜美玲女士：", "此致", "敬礼！", "2026年11月18日"):
            assert words in text
        # Postcode, address, name; and the address without its postcode.
        tops = [places_of(pdf, words)[0][1] for words in ("700012", "柳荫路", "姜美玲女士 收")]
        assert tops == sorted(tops)
        assert text.count("700012") == 1
        greeting, first = places_of(pdf, "尊敬的")[0], places_of(pdf, "此致")[0]
        assert first[0] - greeting[0] == pytest.approx(2 * 11 * 25.4 / 72, abs=0.6)

    def test_a_long_letter_goes_on_and_has_its_code_on_the_last_page(self, cast, complaint, at):
        body = "\n\n".join(f"Paragraph {number}. " + "The part has to be ordered. " * 12 for number in range(18))
        messages.say(complaint.pk, kind="public", body=body, actor=Actor.staff(cast.handler), at=at - HOUR / 2)
        pdf = self.paper(cast, complaint, at)
        texts, codes = texts_of(pdf), codes_of(pdf)
        assert len(texts) > 1
        assert [bool(found) for found in codes] == [*[False] * (len(texts) - 1), True]
        assert all(f"Page {number} of {len(texts)}" in text for number, text in enumerate(texts, 1))
        together = " ".join(texts)
        assert [f"Paragraph {number}." in together for number in range(18)] == [True] * 18

    def test_names_and_addresses_of_any_length_stay_in_the_window(self, cast, at):
        given = CHINESE | {"name": "欧" * 120, "postal_address": "泾" * 200}
        pdf = self.paper(cast, logged(cast, at - HOUR, **given), at)
        assert texts_of(pdf)[0].count("泾") >= 200
        assert all(top > 45 and bottom < 90 for _l, top, _r, bottom in places_of(pdf, "泾泾泾"))

    def test_what_turns_text_around_is_not_printed(self, cast, at):
        given = ENGLISH | {"name": "Li \u202emoc.live", "postal_address": "18 Liuyin\u2067 Road 😀"}
        text = texts_of(self.paper(cast, logged(cast, at - HOUR, **given), at))[0]
        assert "18 Liuyin Road □" in text
        assert "Ms Li moc.live" in text

    def test_what_happens_next_stands_once_and_never_says_today(self, cast, complaint, at):
        for _again in range(2):
            said = {"data": {}, "at": at - HOUR / 2}
            notices.tell_customer(complaint, "customer_acknowledged", key=f"again:{_again}", **said)
        text = texts_of(self.paper(cast, complaint, at))[0]
        assert text.count("What happens next:") == 1
        assert "Today" not in text

    def test_the_composer_says_that_it_becomes_a_letter(self, client, cast, now):
        written = logged(cast, now - HOUR, **ENGLISH)
        client.force_login(cast.handler)
        assert (
            "put it among the letters"
            in client.get(reverse("complaints:case", args=[written.reference])).content.decode()
        )

    def test_several_are_one_file(self, cast, complaint, at):
        other = logged(cast, at - HOUR, **CHINESE)
        for each in (complaint, other):
            prepared(cast, each, at)
        pdf = letter_paper.printed(letters.waiting(cast.frontline)[1], now=at)
        assert codes_of(pdf) == [[links.public_url(complaint)], [links.public_url(other)]]


class TestThePages:
    LIST = reverse("followups:letters")

    @pytest.fixture
    def now_owed(self, cast, now):
        return logged(cast, now - HOUR, **ENGLISH)

    def test_prepared_printed_and_posted_by_clicking(self, client, cast, now_owed, now, django_assert_max_num_queries):
        client.force_login(cast.frontline)
        with django_assert_max_num_queries(16):
            shown = client.get(self.LIST).content.decode()
        value = str(owed(now_owed)[0])
        assert f'value="{value}"' in shown
        assert ENGLISH["postal_address"] in shown
        answer = client.post(reverse("followups:prepare_letters"), {"letter": [value]}, follow=True)
        assert "One letter is ready to print." in answer.content.decode()
        pdf = client.get(reverse("followups:letters_pdf"))
        assert (pdf["Content-Type"], "no-store" in pdf["Cache-Control"]) == ("application/pdf", True)
        assert now_owed.reference in texts_of(pdf.content)[0]
        said = {"letter": [value], "on": timezone.localdate(now).isoformat()}
        answer = client.post(reverse("followups:letters_posted"), said, follow=True)
        assert "Noted as posted: one letter." in answer.content.decode()
        assert "No letter to write" in answer.content.decode()
        assert now_owed.tellings.get().evidence == "posted"

    @pytest.mark.parametrize(
        "sent", [{}, {"letter": "x"}, {"letter": "1-"}, {"letter": ["9" * 40]}, {"letter": "1", "on": "soon"}]
    )
    def test_what_no_page_sends_is_said_and_changes_nothing(self, client, cast, now_owed, sent):
        client.force_login(cast.frontline)
        assert client.post(reverse("followups:letters_posted"), sent).status_code == 422
        assert not now_owed.tellings.exists()

    def test_a_refusal_names_its_case_and_the_others_go_on(self, client, cast, now_owed, now):
        client.force_login(cast.frontline)
        other = logged(cast, now - HOUR, **CHINESE)
        both = [str(owed(now_owed)[0]), str(owed(other)[0])]
        client.post(reverse("followups:prepare_letters"), {"letter": both[:1]})
        said = {"letter": both, "on": timezone.localdate(now).isoformat()}
        shown = flat(client.post(reverse("followups:letters_posted"), said, follow=True).content.decode())
        assert f"{other.reference}: Prepare the letter first" in shown
        assert now_owed.tellings.exists()
        assert not other.tellings.exists()

    @pytest.mark.parametrize("who", ["auditor", "administrator", "reviewer"])
    def test_who_does_not_talk_to_customers_has_no_letters(self, client, cast, who):
        client.force_login(getattr(cast, who))
        assert client.get(self.LIST).status_code == 403
        assert client.get(reverse("followups:letters_pdf")).status_code == 403
        assert client.post(reverse("followups:prepare_letters"), {"letter": "1"}).status_code == 403

    def test_a_letter_of_a_case_that_one_does_not_see_is_left_out(self, client, cast, now_owed):
        client.force_login(cast.neighbour)
        client.post(reverse("followups:prepare_letters"), {"letter": str(owed(now_owed)[0])})
        assert Notice.objects.get(pk=owed(now_owed)[0]).prepared_at is None

    def test_nothing_to_print_leads_back(self, client, cast):
        client.force_login(cast.frontline)
        assert client.get(reverse("followups:letters_pdf")).status_code == 302

    def test_reading_changes_nothing(self, client, cast, now_owed):
        client.force_login(cast.frontline)
        client.get(self.LIST)
        client.get(reverse("followups:letters_pdf"))
        assert Notice.objects.get(pk=owed(now_owed)[0]).prepared_at is None
