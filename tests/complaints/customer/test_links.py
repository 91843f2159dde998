import pytest
from cryptography.fernet import InvalidToken

from complaints.customer import links


def test_tokens_have_256_bits_and_never_repeat():
    made = {links.new_token() for _ in range(1000)}
    assert len(made) == 1000
    assert all(len(token) == 43 for token in made)


def test_a_sealed_token_opens_with_the_key_it_was_sealed_with_and_no_other(settings):
    token = links.new_token()
    sealed = links.seal(token)
    assert token not in sealed
    assert links.unseal(sealed) == token
    settings.TOKEN_KEY = "another key"
    with pytest.raises(InvalidToken):
        links.unseal(sealed)
