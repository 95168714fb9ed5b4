"""Whether an ID token is genuine, for us, for this sign-in and still good; no I/O, no clock."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import BadSignatureError, InvalidKeyIdError, JoseError
from joserfc.jwk import JWKRegistry, Key, KeySet
from joserfc.jws import JWSRegistry

from dashboard.errors import SignInFailed

# signatures that only the provider can make: no "none", nothing with a shared key
ALGORITHMS = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA", "Ed25519"),
)
UNNAMED_ALGORITHM = "RS256"  # what a provider signs with that does not say
KEY_TYPES = ("RSA", "EC", "OKP")
LEEWAY_S = 60  # two machines' clocks


class UnknownKey(SignInFailed):
    """None of the provider's keys made the signature: it may have new ones."""

    def __init__(self) -> None:
        super().__init__("the identity provider's signature is not valid")


@dataclass(frozen=True, slots=True)
class Expected:
    """What the ID token of one sign-in must say."""

    issuer: str
    client_id: str
    nonce: str
    access_token: str
    algorithms: tuple[str, ...]


def algorithms_of(metadata: Mapping[str, Any]) -> tuple[str, ...]:
    """Those of the provider's that we trust."""
    named = names_in(metadata.get("id_token_signing_alg_values_supported")) or [UNNAMED_ALGORITHM]
    return tuple(name for name in ALGORITHMS if name in named)


def keys_of(jwks: Mapping[str, Any]) -> KeySet:
    """The public keys of the provider that can be read; others are left out."""
    keys = jwks.get("keys")
    found = [_key(key) for key in keys] if isinstance(keys, list) else []
    return KeySet([key for key in found if key is not None])


def _key(key: object) -> Key | None:
    if not isinstance(key, dict) or key.get("kty") not in KEY_TYPES or key.get("use") == "enc":
        return None
    try:
        return JWKRegistry.import_key(key)
    except (JoseError, ValueError, KeyError, TypeError):
        return None


def check_id_token(text: str, keys: KeySet, expected: Expected, now_s: int) -> dict[str, Any]:
    """The claims. Raises UnknownKey or SignInFailed."""
    registry = JWSRegistry(algorithms=expected.algorithms, strict_check_header=False)
    try:
        token = jwt.decode(text, keys, registry=registry)
        claims = CodeIDToken(
            token.claims,
            token.header,
            {
                "iss": {"essential": True, "value": expected.issuer},
                "aud": {"essential": True, "value": expected.client_id},
                "sub": {"essential": True},
            },
            {
                "nonce": expected.nonce,
                "client_id": expected.client_id,
                "access_token": expected.access_token,
            },
        )
        claims.validate(now=now_s, leeway=LEEWAY_S)
    except (BadSignatureError, InvalidKeyIdError) as error:
        raise UnknownKey from error
    except JoseError as error:
        raise SignInFailed(f"the identity provider's answer is not valid: {error.error}") from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise SignInFailed("the identity provider's answer cannot be read") from error
    return dict(claims)


def names_in(value: object) -> list[str]:
    """What a field of the provider's names: a list of names, or one name."""
    names = value if isinstance(value, list) else [value]
    return [name for name in names if isinstance(name, str)]
