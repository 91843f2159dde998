"""Phone numbers: kept as given, and as a key that finds the same customer again."""

import phonenumbers


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
    if phonenumbers.is_possible_number(number) and not number.extension:
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return digits
