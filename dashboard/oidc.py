"""Sign-in by OpenID Connect: the code flow with PKCE, against one identity provider.

The protocol's parts (addresses, client authentication, ID tokens) are authlib's and joserfc's.
What stays with the browser in between is the transaction: sealed, so that it can neither be read
nor changed, and good for a few minutes only.
"""

import asyncio
import hmac
import json
import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
from authlib.oauth2 import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc.jwk import KeySet

from dashboard.clock import Clock
from dashboard.config import Settings
from dashboard.domain.areas import Region
from dashboard.domain.rights import Role
from dashboard.errors import SettingError, SignInFailed
from dashboard.id_token import (
    Expected,
    UnknownKey,
    algorithms_of,
    check_id_token,
    keys_of,
    names_in,
)
from dashboard.setting_values import GroupRight, is_loopback

TRANSACTION_S = 600
CALL_S = 5
MAX_ANSWER_BYTES = 256 * 1024
METADATA_S = 3_600
MAX_TRANSACTION = 4_096  # characters; a browser keeps no larger cookie
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
ERROR_CODE = re.compile(r"[a-z_]{1,40}")
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
PURPOSE = b"one map: sign-in transaction"


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom the provider vouches for: issuer and subject are for good, `name` may change."""

    subject: str
    issuer: str
    name: str
    groups: tuple[str, ...]
    came_from: str


@dataclass(frozen=True, slots=True)
class Found:
    """What the provider says of itself, checked; `read_at_ms` is when."""

    issuer: str
    metadata: Mapping[str, Any]
    keys: KeySet
    read_at_ms: int


class Provider:
    """One identity provider; every call to it has an end in time and in size."""

    def __init__(self, settings: Settings, region: Region, clock: Clock) -> None:
        """Raises SettingError when the mapping names an area that the region lacks."""
        check_areas(settings.oidc_rights, region)
        self._rights = settings.oidc_rights
        self._root = region.root.code
        self._issuer = settings.oidc_issuer or ""
        self._client_id = settings.oidc_client_id or ""
        self._client_secret = settings.oidc_client_secret
        self._groups_claim = settings.oidc_groups_claim
        self._clock = clock
        self._seal = _seal(settings.secret)
        self._tls = httpx.create_ssl_context()
        self._found: Found | None = None

    async def start(self, redirect_uri: str, came_from: str) -> tuple[str, str]:
        """Where to send the browser, and the transaction it brings back. Raises SignInFailed."""
        found = await self._discover()
        state, nonce, verifier = (secrets.token_urlsafe(48) for _ in range(3))
        url = prepare_grant_uri(
            found.metadata["authorization_endpoint"],
            client_id=self._client_id,
            response_type="code",
            redirect_uri=redirect_uri,
            scope=_scope(found.metadata),
            state=state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
        )
        kept = {"state": state, "nonce": nonce, "verifier": verifier, "came_from": came_from}
        sealed = self._seal.encrypt_at_time(
            json.dumps(kept, ensure_ascii=False).encode(), self._now_s()
        )
        return str(url), sealed.decode()

    async def finish(
        self, transaction: str, query: Mapping[str, str], redirect_uri: str
    ) -> Identity:
        """Whom the provider sent back. Raises SignInFailed."""
        kept = self._open(transaction)
        found = await self._discover()
        code = _code(query, kept["state"], found)
        tokens = await self._exchange(found, code, kept["verifier"], redirect_uri)
        claims = await self._claims(found, tokens, kept["nonce"])
        if self._groups_claim not in claims or "preferred_username" not in claims:
            claims = await self._userinfo(found, tokens, claims)
        return Identity(
            subject=claims["sub"],
            issuer=found.issuer,
            name=account_name(claims),
            groups=tuple(names_in(claims.get(self._groups_claim))),
            came_from=kept["came_from"],
        )

    def rights(self, identity: Identity) -> tuple[Role, str] | None:
        """What the person's groups give; None: nothing at all."""
        return rights_of(identity.groups, self._rights, self._root)

    def _now_s(self) -> int:
        return self._clock.now_ms() // 1000

    def _open(self, transaction: str) -> dict[str, str]:
        if len(transaction) > MAX_TRANSACTION:
            raise SignInFailed("it was not begun here")
        try:
            plain = self._seal.decrypt_at_time(
                transaction.encode(), ttl=TRANSACTION_S, current_time=self._now_s()
            )
        except InvalidToken as error:
            raise SignInFailed("it was not begun here, or too long ago") from error
        kept: dict[str, str] = json.loads(plain)
        return kept

    async def _discover(self) -> Found:
        now_ms = self._clock.now_ms()
        if self._found is None or now_ms - self._found.read_at_ms > METADATA_S * 1000:
            address = self._issuer.rstrip("/") + "/.well-known/openid-configuration"
            metadata = await self._call("GET", address, {})
            issuer = metadata.get("issuer")
            if not isinstance(issuer, str) or issuer.rstrip("/") != self._issuer.rstrip("/"):
                raise SignInFailed("the identity provider calls itself by another name")
            if not all(_is_safe(metadata.get(name)) for name in ENDPOINTS):
                raise SignInFailed("the identity provider names addresses that are not safe")
            keys = keys_of(await self._call("GET", metadata["jwks_uri"], {}))
            self._found = Found(issuer, metadata, keys, now_ms)
        return self._found

    async def _exchange(
        self, found: Found, code: str, verifier: str, redirect_uri: str
    ) -> dict[str, Any]:
        body = prepare_token_request(
            "authorization_code", redirect_uri=redirect_uri, code=code, code_verifier=verifier
        )
        client = ClientAuth(self._client_id, self._client_secret, self._client_auth(found.metadata))
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        address, headers, body = client.prepare(
            "POST", found.metadata["token_endpoint"], headers, body
        )
        tokens = await self._call("POST", address, headers, body)
        if not all(isinstance(tokens.get(name), str) for name in ("id_token", "access_token")):
            raise SignInFailed("the identity provider sent no ID token")
        return tokens

    def _client_auth(self, metadata: Mapping[str, Any]) -> str:
        if self._client_secret is None:
            return "none"
        methods = names_in(metadata.get("token_endpoint_auth_methods_supported"))
        basic = "client_secret_basic" in methods or "client_secret_post" not in methods
        return "client_secret_basic" if basic else "client_secret_post"

    async def _claims(self, found: Found, tokens: Mapping[str, Any], nonce: str) -> dict[str, Any]:
        expected = Expected(
            issuer=found.issuer,
            client_id=self._client_id,
            nonce=nonce,
            access_token=tokens["access_token"],
            algorithms=algorithms_of(found.metadata),
        )
        try:
            return check_id_token(tokens["id_token"], found.keys, expected, self._now_s())
        except UnknownKey:  # the provider may have new keys
            keys = keys_of(await self._call("GET", found.metadata["jwks_uri"], {}))
            self._found = Found(found.issuer, found.metadata, keys, found.read_at_ms)
            return check_id_token(tokens["id_token"], keys, expected, self._now_s())

    async def _userinfo(
        self, found: Found, tokens: Mapping[str, Any], claims: dict[str, Any]
    ) -> dict[str, Any]:
        """`claims` and what else the provider tells of the same person."""
        address = found.metadata.get("userinfo_endpoint")
        if address is None:
            return claims
        if not _is_safe(address):
            raise SignInFailed("the identity provider names addresses that are not safe")
        headers = {"Authorization": f"Bearer {tokens['access_token']}"}
        more = await self._call("GET", address, headers)
        if more.get("sub") != claims["sub"]:
            raise SignInFailed("the identity provider speaks of two persons")
        return more | claims

    async def _call(
        self, method: str, address: str, headers: Mapping[str, str], body: str | None = None
    ) -> dict[str, Any]:
        """The JSON object it answers with; nothing of an answer gets into an error."""
        plain = {"Accept": "application/json", "Accept-Encoding": "identity"}
        try:
            async with (
                asyncio.timeout(CALL_S),
                httpx.AsyncClient(verify=self._tls, follow_redirects=False) as client,
                client.stream(
                    method, address, headers=plain | dict(headers), content=body
                ) as reply,
            ):
                if reply.status_code != 200:
                    raise SignInFailed(f"the identity provider answered {reply.status_code}")
                answer = json.loads(await _bounded(reply))
        except (httpx.HTTPError, httpx.InvalidURL, OSError, TimeoutError) as error:
            raise SignInFailed("the identity provider does not answer") from error
        except (ValueError, RecursionError) as error:
            raise SignInFailed("the identity provider's answer cannot be read") from error
        if not isinstance(answer, dict):
            raise SignInFailed("the identity provider's answer cannot be read")
        return answer


def _seal(secret: str) -> Fernet:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(secret.encode())
    return Fernet(urlsafe_b64encode(key))


async def _bounded(reply: httpx.Response) -> bytes:
    body = bytearray()
    async for chunk in reply.aiter_raw():
        body += chunk
        if len(body) > MAX_ANSWER_BYTES:
            raise SignInFailed("the identity provider's answer is too large")
    return bytes(body)


def _is_safe(address: object) -> bool:
    """Nobody on the way can read or change what is sent there."""
    if not isinstance(address, str):
        return False
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return False
    return bool(host) and (
        parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))
    )


def _scope(metadata: Mapping[str, Any]) -> str:
    known = names_in(metadata.get("scopes_supported"))
    return " ".join(["openid", "profile", "email", *(["groups"] if "groups" in known else [])])


def _code(query: Mapping[str, str], state: str, found: Found) -> str:
    """The code in the provider's reply, when it is the reply to our question."""
    if not hmac.compare_digest(query.get("state", "").encode(), state.encode()):
        raise SignInFailed("it belongs to another attempt")
    always = found.metadata.get("authorization_response_iss_parameter_supported") is True
    if query.get("iss", None if always else found.issuer) != found.issuer:
        raise SignInFailed("it comes from another identity provider")
    if "error" in query:
        code = query["error"]
        shown = code if ERROR_CODE.fullmatch(code) else "no known reason"
        raise SignInFailed(f"the identity provider refused: {shown}")
    if not query.get("code"):
        raise SignInFailed("the identity provider sent no code")
    return query["code"]


def account_name(claims: Mapping[str, Any]) -> str:
    """The first that can be a name: user name, confirmed mail address up to the @, subject."""
    email = claims.get("email") if claims.get("email_verified") is not False else None
    local_part = email.rpartition("@")[0] if isinstance(email, str) else None
    for name in (claims.get("preferred_username"), local_part, claims.get("sub")):
        if isinstance(name, str) and NAME.fullmatch(name):
            return name
    raise SignInFailed("the identity provider gives no name that can be used here")


def rights_of(
    groups: Iterable[str], mapping: Iterable[GroupRight], root: str
) -> tuple[Role, str] | None:
    """Role and area of the first line of `mapping` that names one of the groups."""
    held = frozenset(groups)
    for line in mapping:
        if line.group in held:
            return line.role, root if line.area is None else line.area
    return None


def check_areas(mapping: Iterable[GroupRight], region: Region) -> None:
    """Raises SettingError when a line names an area that the region lacks."""
    for line in mapping:
        if line.area is not None and line.area not in region.by_code:
            expected = "areas of the region pack, as GROUP=ROLE:AREA"
            raise SettingError("ONEMAP_OIDC_RIGHTS", f"{line.group}=...:{line.area}", expected)
