import pytest

from complaints import ways
from complaints.choices import Way
from complaints.models import Customer
from complaints.phones import mobile_number

PHONE, EMAIL = "139 0000 4417", "wang@customer.example"
SMS = {"provider": "json"}


@pytest.mark.parametrize(
    ("sms", "chosen", "known", "way"),
    [
        # A desk without text messages does what it always did.
        ({}, "", {"phone": PHONE, "email": EMAIL}, Way.EMAIL),
        ({}, "", {"phone": PHONE}, Way.CALL),
        ({}, "sms", {"phone": PHONE, "email": EMAIL}, Way.EMAIL),
        ({}, "sms", {"phone": PHONE}, Way.CALL),
        # Nobody chose: a message rather than a call that somebody has to make.
        (SMS, "", {"phone": PHONE, "email": EMAIL}, Way.EMAIL),
        (SMS, "", {"phone": PHONE}, Way.SMS),
        (SMS, "", {"phone": "029 8888 0000"}, Way.CALL),
        # What they chose goes first, then the next that works, a call last.
        (SMS, "sms", {"phone": PHONE, "email": EMAIL}, Way.SMS),
        (SMS, "sms", {"phone": "029 8888 0000", "email": EMAIL}, Way.EMAIL),
        (SMS, "email", {"phone": PHONE}, Way.SMS),
        (SMS, "call", {"phone": PHONE, "email": EMAIL}, Way.CALL),
        (SMS, "call", {"email": EMAIL}, Way.EMAIL),
        (SMS, "letter", {"phone": PHONE, "email": EMAIL}, Way.EMAIL),
        (SMS, "letter", {"phone": PHONE, "email": EMAIL, "postal_address": "1 High St"}, Way.LETTER),
        (SMS, "", {"phone": PHONE, "postal_address": "1 High St"}, Way.SMS),
        ({}, "", {"phone": PHONE, "postal_address": "1 High St"}, Way.CALL),
        ({}, "", {"postal_address": "1 High St"}, Way.LETTER),
        (SMS, "letter", {"phone": PHONE}, Way.SMS),
        (SMS, "", {}, Way.CALL),
    ],
)
def test_the_way_is_the_one_they_chose_else_the_next_that_works(settings, sms, chosen, known, way):
    settings.SMS = sms
    customer = Customer(way=chosen, **known)
    assert ways.way_to(customer) == way
    assert customer.can_be_written_to is (way in (Way.SMS, Way.EMAIL))


def test_what_failed_is_left_out(settings, at):
    settings.SMS = SMS
    customer = Customer(phone=PHONE, email=EMAIL, way="sms")
    assert ways.way_to(customer, without=[Way.SMS]) == Way.EMAIL
    assert ways.way_to(customer, without=[Way.SMS, Way.EMAIL]) == Way.CALL
    customer.sms_failed_at = at
    assert ways.way_to(customer) == Way.EMAIL
    customer.email_failed_at = at
    assert ways.way_to(customer) == Way.CALL


def test_forms_offer_what_this_desk_can_do(settings):
    assert ways.ways_that_work() == [Way.EMAIL, Way.CALL, Way.LETTER]
    settings.SMS = SMS
    assert ways.ways_that_work() == [Way.SMS, Way.EMAIL, Way.CALL, Way.LETTER]


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("139 0000 4417", "+8613900004417"),
        ("(+86) 139-0000-4417", "+8613900004417"),
        ("0086 13900004417", "+8613900004417"),
        ("+852 9123 4567", "+85291234567"),
        ("+1 202 555 0143", "+12025550143"),
        ("029 8888 0000", ""),
        ("12315", ""),
        ("+86 139 0000", ""),
        ("139 0000 4417 ext 5", ""),
        ("call my son", ""),
        ("", ""),
    ],
)
def test_text_messages_go_to_mobile_numbers_only(typed, number):
    assert mobile_number(typed) == number
