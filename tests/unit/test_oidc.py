"""What an ID token must say, whose name is taken, and which group gives which rights."""

import hmac
import json
from base64 import urlsafe_b64encode
from dataclasses import replace

import pytest
from authlib.oidc.core.util import create_half_hash
from joserfc import jws, jwt
from joserfc.jwk import ECKey, KeySet, RSAKey
from joserfc.jws import JWSRegistry

from dashboard.clock import FixedClock
from dashboard.domain.rights import Role
from dashboard.errors import SettingError, SignInFailed
from dashboard.id_token import (
    LEEWAY_S,
    Expected,
    UnknownKey,
    algorithms_of,
    check_id_token,
    keys_of,
    names_in,
)
from dashboard.oidc import MAX_TRANSACTION, Provider, account_name, check_areas, rights_of
from dashboard.setting_values import GroupRight

NOW_S = 1_795_320_000
KEY = RSAKey.generate_key(2048, auto_kid=True)
KEYS = KeySet([RSAKey.import_key(KEY.as_dict(private=False))])
EXPECTED = Expected(
    issuer="https://id.example.org",
    client_id="one-map",
    nonce="n-1",
    access_token="at-1",
    algorithms=("RS256",),
)
CLAIMS = {
    "iss": "https://id.example.org",
    "sub": "u-17",
    "aud": "one-map",
    "nonce": "n-1",
    "iat": NOW_S,
    "exp": NOW_S + 300,
}
NONE_AND_HS = {"id_token_signing_alg_values_supported": ["none", "HS256", "ES256", "RS256"]}


def signed(claims, key=KEY, algorithm="RS256"):
    registry = JWSRegistry(algorithms=[algorithm])
    return jwt.encode({"alg": algorithm, "kid": KEY.kid}, claims, key, registry=registry)


def part(value):
    return urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def test_a_genuine_token_gives_its_claims():
    assert check_id_token(signed(CLAIMS), KEYS, EXPECTED, NOW_S)["sub"] == "u-17"


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://id.example.com"},
        {"iss": "https://id.example.org/"},
        {"iss": ["https://id.example.org"]},
        {"aud": "another"},
        {"aud": []},
        {"aud": ["one-map", "another"]},  # and does not say to whom it was given
        {"aud": ["one-map", "another"], "azp": "another"},
        {"nonce": "n-2"},
        {"sub": ""},
        {"sub": 17},
        {"exp": NOW_S - LEEWAY_S},
        {"exp": "tomorrow"},
        {"iat": NOW_S + LEEWAY_S + 1},
        {"nbf": NOW_S + LEEWAY_S + 1},
        {"at_hash": "AAAA"},
    ],
)
def test_a_token_that_says_anything_else_is_refused(changes):
    with pytest.raises(SignInFailed, match="is not valid"):
        check_id_token(signed(CLAIMS | changes), KEYS, EXPECTED, NOW_S)


@pytest.mark.parametrize("missing", CLAIMS)
def test_a_token_that_leaves_something_out_is_refused(missing):
    claims = {name: value for name, value in CLAIMS.items() if name != missing}
    with pytest.raises(SignInFailed):
        check_id_token(signed(claims), KEYS, EXPECTED, NOW_S)


def test_a_token_for_two_programs_that_was_given_to_us_will_do():
    claims = CLAIMS | {
        "aud": ["one-map", "another"],
        "azp": "one-map",
        "at_hash": create_half_hash("at-1", "RS256").decode(),
    }
    assert check_id_token(signed(claims), KEYS, EXPECTED, NOW_S)


def test_a_token_without_a_signature_is_refused():
    naked = f"{part({'alg': 'none', 'kid': KEY.kid})}.{part(CLAIMS)}."
    for algorithms in (EXPECTED.algorithms, algorithms_of(NONE_AND_HS)):
        with pytest.raises(SignInFailed):
            check_id_token(naked, KEYS, replace(EXPECTED, algorithms=algorithms), NOW_S)


def test_the_public_key_is_no_shared_secret():
    """The classic: an HMAC whose key is the text of the public key, which anybody has."""
    said = f"{part({'alg': 'HS256', 'kid': KEY.kid})}.{part(CLAIMS)}"
    mac = hmac.digest(KEY.as_pem(private=False), said.encode(), "sha256")
    forged = f"{said}.{urlsafe_b64encode(mac).rstrip(b'=').decode()}"
    expected = replace(EXPECTED, algorithms=algorithms_of(NONE_AND_HS))
    assert expected.algorithms == ("RS256", "ES256")
    with pytest.raises(SignInFailed, match="unsupported_algorithm"):
        check_id_token(forged, KEYS, expected, NOW_S)


def test_an_algorithm_that_the_provider_does_not_name_is_refused():
    with pytest.raises(SignInFailed, match="unsupported_algorithm"):
        check_id_token(signed(CLAIMS, algorithm="RS512"), KEYS, EXPECTED, NOW_S)
    assert algorithms_of({}) == ("RS256",)


def test_another_key_is_an_unknown_key():
    other = RSAKey.generate_key(2048, auto_kid=True)
    with pytest.raises(UnknownKey):
        check_id_token(signed(CLAIMS, other), KEYS, EXPECTED, NOW_S)
    with pytest.raises(UnknownKey):
        check_id_token(signed(CLAIMS), keys_of({"keys": [other.as_dict()]}), EXPECTED, NOW_S)
    with pytest.raises(UnknownKey):
        check_id_token(signed(CLAIMS), keys_of({}), EXPECTED, NOW_S)


@pytest.mark.parametrize("text", ["", "a.b.c", "..", "x" * 10_000, part([1]) + "." + part(1) + "."])
def test_what_is_no_token_is_refused(text):
    with pytest.raises(SignInFailed):
        check_id_token(text, KEYS, EXPECTED, NOW_S)


def test_a_token_whose_content_is_no_object_is_refused():
    said = jws.serialize_compact({"alg": "RS256", "kid": KEY.kid}, b"[1]", KEY)
    with pytest.raises(SignInFailed, match="not valid"):
        check_id_token(said, KEYS, EXPECTED, NOW_S)


def test_keys_that_cannot_be_read_are_left_out():
    readable = ECKey.generate_key("P-256", auto_kid=True).as_dict(private=False)
    keys = [
        readable,
        {"kty": "EC", "crv": "SM2", "x": "AA", "y": "AA"},
        {"kty": "RSA", "n": 5},
        {"kty": "oct", "k": "AAAA"},
        {**readable, "use": "enc"},
        "key",
    ]
    assert [key.kid for key in keys_of({"keys": keys}).keys] == [readable["kid"]]


def test_a_refusal_repeats_nothing_of_the_token():
    with pytest.raises(SignInFailed) as refused:
        check_id_token(signed(CLAIMS | {"nonce": "n-2"}), KEYS, EXPECTED, NOW_S)
    assert not any(told in str(refused.value) for told in ("n-1", "n-2", "at-1", "u-17"))


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"preferred_username": "wang.fang", "email": "w@example.org", "sub": "u-17"}, "wang.fang"),
        ({"preferred_username": "王芳", "email": "w.fang@example.org", "sub": "u-17"}, "w.fang"),
        ({"email": "w@example.org", "email_verified": False, "sub": "u-17"}, "u-17"),
        ({"preferred_username": " admin", "sub": "u-17"}, "u-17"),
        ({"preferred_username": "wang\n", "sub": "u-17"}, "u-17"),
        ({"preferred_username": ["wang"], "email": 5, "sub": "u-17"}, "u-17"),
        ({"sub": "x" * 64}, "x" * 64),
    ],
)
def test_the_first_name_that_can_be_one_is_taken(claims, name):
    assert account_name(claims) == name


@pytest.mark.parametrize("subject", ["", "王芳", "x" * 65, ".hidden", "a b", "<b>"])
def test_a_person_without_a_usable_name_stays_outside(subject):
    with pytest.raises(SignInFailed, match="no name"):
        account_name({"sub": subject})


@pytest.mark.parametrize(
    ("claim", "names"),
    [
        (["a", "b"], ["a", "b"]),
        ("a", ["a"]),
        ([{"name": "a"}, 5, "b"], ["b"]),
        (None, []),
        ({"a": True}, []),
    ],
)
def test_groups_are_a_list_of_names_or_one_name(claim, names):
    assert names_in(claim) == names


MAPPING = (
    GroupRight("chiefs", Role.LEADER, None),
    GroupRight("desk", Role.OFFICER, "530111001"),
    GroupRight("desk", Role.VIEWER, None),
)


@pytest.mark.parametrize(
    ("groups", "rights"),
    [
        (["desk"], (Role.OFFICER, "530111001")),
        (["desk", "chiefs"], (Role.LEADER, "530111")),
        (["Desk", "desk "], None),
        ([], None),
    ],
)
def test_the_first_line_of_the_mapping_wins(groups, rights):
    assert rights_of(groups, MAPPING, "530111") == rights


def test_an_area_that_the_region_lacks_is_refused_by_name(region):
    check_areas(MAPPING, region)
    with pytest.raises(SettingError, match=r"ONEMAP_OIDC_RIGHTS is 'desk=\.\.\.:530199'"):
        check_areas((*MAPPING, GroupRight("desk", Role.VIEWER, "530199")), region)


@pytest.mark.parametrize("transaction", ["", "x", "状态", "x" * (MAX_TRANSACTION + 1)])
async def test_what_was_not_sealed_here_is_refused_before_any_call(settings, region, transaction):
    provider = Provider(settings, region, FixedClock(NOW_S * 1000))
    with pytest.raises(SignInFailed, match="not begun here"):
        await provider.finish(transaction, {}, "http://127.0.0.1:8050/login/oidc/callback")
