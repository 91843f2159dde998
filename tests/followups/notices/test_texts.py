"""Every text message: one part in English, two in Chinese with the signature, and what a text must have."""

from datetime import timedelta

import pytest

from accounts.models import Person
from complaints.case.actors import Actor
from complaints.conversation import messages
from complaints.customer import links
from followups import clock
from followups.models import Notice, SmsTemplate
from followups.notices import texts
from followups.outbox.sms_parts import length_of
from tests.cases import logged
from tests.followups.notices.test_every_notice import KINDS, caused, notice_of
from tests.followups.sms_sink import SIGNS

MINUTE = timedelta(minutes=1)
CHINESE, ENGLISH = "zh-hans", "en"


@pytest.fixture(autouse=True)
def _provider(settings):
    settings.SMS, settings.SMS_QUIET_HOURS = {"provider": "json", "signs": SIGNS}, None


def fits(words, language) -> bool:
    return length_of(words, to="+86" if language == CHINESE else "").parts <= (2 if language == CHINESE else 1)


def text_of(event, cast, now, **given) -> tuple[texts.Text, Notice]:
    complaint = caused(event, "mail", cast, now, **given)
    notice = notice_of(complaint, event)
    notice.address = "+8613900004417"
    return texts.compose(notice, now=clock.now()), notice


@pytest.mark.parametrize("event", KINDS)
class TestEveryText:
    @pytest.mark.parametrize("language", [ENGLISH, CHINESE])
    def test_it_fits(self, cast, now, event, language):
        text, notice = text_of(event, cast, now, language=language)
        assert fits(text.words, language)
        assert links.public_url(notice.case) in text.words
        assert notice.case.reference in text.words
        assert text.words.startswith("【泾禾能源】" if language == CHINESE else "Jinghe Energy: ")
        assert "  " not in text.words
        for never in ("{{", "{%", "None", "\n", "。 ", "， "):
            assert never not in text.words
        assert any("一" <= letter <= "鿿" for letter in text.words[6:]) is (language == CHINESE)

    @pytest.mark.parametrize("language", [ENGLISH, CHINESE])
    def test_it_fits_with_long_names_and_reasons_too(self, cast, now, event, language):
        Person.objects.filter(pk=cast.handler.pk).update(name=("Max von Hohenstein " * 5)[:80])
        text, _notice = text_of(event, cast, now, language=language)
        long = Notice.objects.get(pk=_notice.pk)
        long.address, long.data = text.number, long.data | {"reason": "The part is late. " * 20, "words": "x" * 200}
        words = texts.compose(long, now=clock.now()).words
        assert fits(words, language)

    def test_what_is_kept_has_no_key_to_the_page(self, cast, now, event):
        text, notice = text_of(event, cast, now)
        code = links.unseal(notice.case.token_sealed)
        assert code in text.words
        assert code not in text.kept["words"]
        assert (text.kept["words"] == "") is (event == "customer_message")


class TestTheCustomersWords:
    def said(self, cast, now, body, **given):
        complaint = logged(cast, now, **given)
        messages.say(complaint.pk, kind="public", body=body, actor=Actor.staff(cast.handler), at=now + MINUTE)
        notice = notice_of(complaint, "customer_message")
        notice.address = "+8613900004417"
        return texts.compose(notice, now=clock.now()).words, complaint

    def test_a_short_question_goes_out_itself_a_long_one_is_read_on_the_link(self, cast, now):
        words, complaint = self.said(cast, now, "Which card did you use?")
        assert f"about {complaint.reference}: Which card did you use? Answer: http" in words
        words, complaint = self.said(cast, now, "Which card did you use? " * 9)
        assert "Which card" not in words
        assert f"we wrote to you about {complaint.reference}" in words

    @pytest.mark.parametrize(("language", "letter"), [(ENGLISH, "a"), (CHINESE, "中")])
    def test_the_composer_knows_how_many_characters_go_out(self, cast, now, language, letter):
        complaint = logged(cast, now, language=language)
        room = texts.room_for_words(language, links.public_url(complaint), complaint.reference)
        assert room > 20
        assert letter * room in self.said(cast, now, letter * room, language=language)[0]
        assert letter * 5 not in self.said(cast, now, letter * (room + 1), language=language)[0]

    def test_what_a_word_processor_made_of_quotes_costs_no_second_part(self, cast, now):
        words, _complaint = self.said(cast, now, "Is it the “blue” card – or not?")
        assert 'Is it the "blue" card - or not?' in words
        assert length_of(words).parts == 1


class TestRegistered:
    def registered(self, text, language=ENGLISH):
        SmsTemplate.objects.create(event="customer_acknowledged", language=language, template_id="7", text=text)

    def test_holes_are_filled_and_counted_with_the_signature(self, cast, now):
        self.registered("Your complaint ${reference}, ${who}, by ${when}: https://desk.example.com/c/${code}/")
        text, notice = text_of("customer_acknowledged", cast, now)
        assert list(text.filled) == ["reference", "who", "when", "code"]
        assert text.words.startswith(f"Jinghe Energy: Your complaint {notice.case.reference}, ")
        assert text.parts == length_of(text.words, to="+86").parts
        assert all(text.filled.values())

    def test_one_that_speaks_of_a_date_that_is_not_there_is_not_sent(self, cast, now):
        self.registered("News by ${when}")
        complaint = logged(cast, now)
        complaint.promises.update(state="withdrawn", settled_at=now)
        notice = notice_of(complaint, "customer_acknowledged")
        with pytest.raises(texts.NothingToFillIn, match="when"):
            texts.compose(notice, now=clock.now())
