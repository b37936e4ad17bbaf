import random
import string

import pytest

from core.data.findings.near.shingles import words_of
from core.data.findings.secrets import has_secret, hide_secrets, may_hold_secret
from tests.core.data.examples import INNOCENT

rng = random.Random(5)


def letters(count, alphabet=string.ascii_letters + string.digits):
    return "".join(rng.choice(alphabet) for _ in range(count))


UPPER = string.ascii_uppercase + string.digits
HEX = "0123456789abcdef"
SECRETS = {
    "aws": f"AKIA{letters(16, UPPER)}",
    "github": f"ghp_{letters(36)}",
    "github fine": f"github_pat_{letters(60)}",
    "hub": f"hf_{letters(34)}",
    "openai": f"sk-{letters(48)}",
    "anthropic": f"sk-ant-{letters(48)}",
    "google": f"AIza{letters(35)}",
    "slack": f"xoxb-{letters(12, string.digits)}-{letters(12, string.digits)}-{letters(24)}",
    "stripe": f"sk_live_{letters(24)}",
    "npm": f"npm_{letters(36)}",
    "gitlab": f"glpat-{letters(20)}",
    "jwt": f"eyJ{letters(20)}.eyJ{letters(40)}.{letters(43)}",
    "private key": "-----BEGIN RSA PRIVATE KEY-----\n"
    + letters(64)
    + "\n-----END RSA PRIVATE KEY-----",
    "password": "password: Tr0ub4dor&3x",
    "spoken": "The password is kJ8#mPq2z.",
    "german": "Kennwort: Sommerx2019!",
    "assigned": f'api_key = "{letters(32, HEX)}"',
    "in an address": "postgres://anna:h7Gk29sLq@db.internal:5432/main",
    "environment": f"AWS_SECRET_ACCESS_KEY={letters(40)}",
}


@pytest.mark.parametrize("name", SECRETS)
def test_secrets_are_found_and_hidden(name):
    text = f"Here it is: {SECRETS[name]} and nothing more."
    words = words_of(text.lower())
    assert may_hold_secret(text, text.lower(), words)
    assert has_secret(text)
    hidden = hide_secrets(text)
    assert "[secret]" in hidden
    assert hidden.startswith("Here it is: ")
    assert hidden.endswith("nothing more.")
    assert not has_secret(hidden)


@pytest.mark.parametrize(
    "token",
    [
        "glpat-PJjZiFOGMFjGjfawhyzM",
        "ghp_PJjZiFOGMFjGjfawhyzMPJjZiFOGMFjGjfaw",
        "AKIAPJZIFOGMFJGJFAWH",
        "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",
    ],
)
def test_tokens_that_happen_to_have_no_digit(token):
    text = f"Here it is: {token}"
    assert may_hold_secret(text, text.lower(), words_of(text.lower()))
    assert has_secret(text)


@pytest.mark.parametrize(
    "text",
    [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "commit 9fceb02d0ae598e95dc970b74767f19372d61af8",
        "123e4567-e89b-12d3-a456-426614174000",
        "password = input('Password: ')",
        "password: str",
        "self.password = password",
        "The password is required.",
        "the secret is patience",
        "password=your_password",
        "PASSWORD=changeme123",
        "api_key=os.environ['API_KEY']",
        "api_key = YOUR_API_KEY_HERE1",
        "token = generate_token(user1)",
        "secret_key: ${SECRET_KEY2}",
        "sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "AKIAIOSFODNN7EXAMPLE",
        "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "https://user@host/path",
        "https://example.org/a:b@c",
        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAA",
        "Donaudampfschifffahrtsgesellschaftskapitän",
        "pneumonoultramicroscopicsilicovolcanoconiosis",
        "f(x) = a_1 x^2 + b_2 x + c_3",
        "ACGTACGTACGTACGTACGTACGTACGTACGT",
        "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA",
        "The passphrase: correct horse battery staple",
        "My password is the name of my cat",
        "Das Passwort lautet anders",
        "user:password@host",
        *(answer for _, answer in INNOCENT),
    ],
)
def test_what_only_looks_secret(text):
    assert not has_secret(text), hide_secrets(text)


def test_only_the_value_is_hidden():
    assert hide_secrets("password: Tr0ub4dor&3x ok") == "password: [secret] ok"
    text = "redis://bob:h7Gk29sLq@cache"
    assert hide_secrets(text) == "redis://bob:[secret]@cache"
    assert hide_secrets("nothing here") == "nothing here"


def test_every_secret_of_a_text_is_hidden():
    names = ("aws", "github", "password", "in an address", "assigned")
    text = " Then ".join(SECRETS[name] for name in names)
    hidden = hide_secrets(text)
    assert hidden.count("[secret]") == len(names)
    assert not has_secret(hidden)
