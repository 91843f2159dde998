"""Phone numbers: kept as given, and as a key that finds the same customer again."""

import phonenumbers

SHORTEST_SUBSCRIBER = 9


def national_digits(raw: str) -> str:
    """Return the digits of a number written with its country ("+86 139 0000 4417") without it; "" when it is none."""
    text = raw.strip()
    try:
        number = phonenumbers.parse("+" + text[2:] if text.startswith("00") else text)
    except phonenumbers.NumberParseException:
        return ""
    return str(number.national_number) if phonenumbers.is_possible_number(number) else ""


def phone_key(raw: str, region: str = "CN") -> str:
    """Return E.164 ("+8613900004417") where `raw` reads as a number of `region` or abroad, else its digits.

    Short and service numbers (12315, 95105555) stay digits. Never raises; "" for no digits.
    """
    text = raw.strip()
    digits = "".join(character for character in text if character.isascii() and character.isdigit())[:20]
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return digits
    # Short and service numbers are the same string wherever they are called from.
    is_subscriber = len(str(number.national_number)) >= SHORTEST_SUBSCRIBER
    if is_subscriber and phonenumbers.is_possible_number(number) and not number.extension:
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return digits


def mobile_number(raw: str, region: str = "CN") -> str:
    """Return E.164 where text messages can go to `raw`: a mobile number, or one that may be (in some countries all).

    "" for any other, also for one that exists nowhere. Never raises.
    """
    try:
        number = phonenumbers.parse(raw.strip(), region)
    except phonenumbers.NumberParseException:
        return ""
    kinds = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)
    if number.extension or not phonenumbers.is_valid_number(number) or phonenumbers.number_type(number) not in kinds:
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
