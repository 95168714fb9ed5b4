"""Coming in and going out: passwords, other providers' word, wall displays."""

from dataclasses import dataclass
from enum import Enum

from redis.asyncio import Redis
from starlette.datastructures import Headers
from starlette.types import Scope

from dashboard.clock import Clock
from dashboard.config import Settings
from dashboard.directory import Directory
from dashboard.domain.accounts import (
    Account,
    Caller,
    Session,
    SessionKind,
    department_after,
    hash_secret,
    objection_to_password,
    principal_of_account,
    principal_of_display,
)
from dashboard.domain.rights import Principal, Role
from dashboard.errors import Missing, Refused
from dashboard.passwords import PasswordCheck
from dashboard.store.acts import Actor
from dashboard.store.attempts import Attempts
from dashboard.store.audit import AuditLog

AGENT_MAX_CHARS = 200


class Problem(Enum):
    """Why nobody was let in."""

    WRONG = "wrong"
    SLOW = "slow"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The secret for the browser's cookie."""

    principal: Principal
    secret: str


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """`attempts_left` before the next has to wait, or `wait_s` until it may be made."""

    problem: Problem
    attempts_left: int = 0
    wait_s: float = 0


def caller_of(scope: Scope) -> Caller:
    client = scope.get("client")
    agent = Headers(scope=scope).get("user-agent", "")[:AGENT_MAX_CHARS]
    return Caller(client[0] if client else "", agent)


class SignIn:
    """Begins and ends sessions; each with its entry in the audit trail."""

    def __init__(
        self, settings: Settings, directory: Directory, redis: Redis, audit: AuditLog, clock: Clock
    ) -> None:
        self.whole_s = settings.session_s
        self.directory = directory
        self._audit = audit
        self._clock = clock
        self._attempts = Attempts(redis, clock)
        self._passwords = PasswordCheck()

    async def by_password(self, name: str, password: str, caller: Caller) -> SignedIn | TurnedAway:
        """As long for a name unknown as for a wrong password. Raises StoreAway, TooBusy."""
        left, wait_s = await self._attempts.take(name, caller.address)
        if wait_s:  # not noted: that began with a wrong password, which is
            return TurnedAway(Problem.SLOW, wait_s=wait_s)
        asked_ms = self._clock.now_ms()
        account = await self._account(name)
        held = None if account is None or account.disabled_ms else account.password
        if not await self._passwords.fits(held, password) or account is None:
            more = "" if left else "; further attempts have to wait"
            await self._refused(name, caller, "no such name and password" + more)
            return TurnedAway(Problem.WRONG, attempts_left=left)
        await self._attempts.forgive(name, caller.address)
        # as of when the account was read: a password changed meanwhile opens nothing
        return await self.begin(account, caller, "password", asked_ms)

    async def _account(self, name: str) -> Account | None:
        """From the store, not from memory: a password that was changed is changed."""
        try:
            return await self.directory.store.account(name)
        except Missing:
            return None

    async def begin(
        self, account: Account, caller: Caller, how: str, began_ms: int | None = None
    ) -> SignedIn:
        """A new session of an account that was recognised. Raises StoreAway."""
        session = Session(
            account.name,
            SessionKind.ACCOUNT,
            self._clock.now_ms() if began_ms is None else began_ms,
            caller.address,
            caller.agent,
        )
        actor = Actor(name=account.name, role=account.role.value, address=caller.address)
        store = self.directory.store
        secret = await store.begin(actor, session, account.area, how)
        await self.directory.reload()
        return SignedIn(principal_of_account(account, hash_secret(secret)), secret)

    async def by_provider(
        self, name: str, subject: str, place: tuple[Role, str], caller: Caller
    ) -> SignedIn:
        """An account that another provider vouches for; it is made, or follows what it says.

        Raises Refused when the name belongs to somebody else, or is disabled; StoreAway.
        """
        role, area = place
        actor = Actor(name=name, role=role.value, address=caller.address)
        account = await self._account(name)
        if account is None:
            account = Account(name, role, area, None, self._clock.now_ms(), subject=subject)
            await self.directory.store.add(actor, account)
        elif account.subject != subject or account.disabled_ms:
            await self._refused(name, caller, "the name is another's, or disabled")
            raise Refused("name", "this name belongs to a local account, or is disabled")
        elif (account.role, account.area) != (role, area):
            department = department_after(account, role, None)
            changed = {"role": role, "area": area, "department": department}
            account = await self.directory.store.change(actor, name, changed)
        return await self.begin(account, caller, "openid connect")

    async def by_display(self, secret: str, held: str, caller: Caller) -> SignedIn | None:
        """The wall whose address was opened; `held` is the cookie it may have. Raises StoreAway."""
        hashed = hash_secret(secret)
        displays = self.directory.register.displays.values()
        display = next((d for d in displays if d.secret == hashed and not d.revoked_ms), None)
        if display is None:
            return None
        present = await self.directory.by_cookie(held, caller) if held else None
        if present is not None and (present.role, present.name) == (Role.WALL, display.name):
            return SignedIn(present, held)
        now_ms = self._clock.now_ms()
        session = Session(display.name, SessionKind.DISPLAY, now_ms, caller.address, caller.agent)
        actor = Actor(name=display.name, role=Role.WALL.value, address=caller.address)
        opened = await self.directory.store.begin(actor, session, display.area, "display")
        await self.directory.reload()
        return SignedIn(principal_of_display(display, hash_secret(opened)), opened)

    async def end(self, principal: Principal, address: str) -> None:
        """Raises Missing, StoreAway."""
        actor = Actor(name=principal.name, role=principal.role.value, address=address)
        await self.directory.store.end(actor, principal.session, principal.area, "signed out")
        await self.directory.reload()

    async def change_password(
        self, principal: Principal, passwords: tuple[str, str], caller: Caller
    ) -> SignedIn | TurnedAway:
        """Every other session of the account ends. Raises Refused, StoreAway, TooBusy."""
        old, new = passwords
        left, wait_s = await self._attempts.take(principal.name, caller.address)
        if wait_s:
            return TurnedAway(Problem.SLOW, wait_s=wait_s)
        account = await self.directory.store.account(principal.name)
        if not await self._passwords.fits(account.password, old):
            await self._refused(principal.name, caller, "wrong password")
            return TurnedAway(Problem.WRONG, attempts_left=left)
        await self._attempts.forgive(principal.name, caller.address)
        await self.set_password(self._self(principal, caller), account, new)
        return await self.begin(
            await self.directory.store.account(account.name), caller, "password"
        )

    async def set_password(
        self, actor: Actor, account: Account, password: str, version: int | None = None
    ) -> None:
        """Raises Refused, Stale, StoreAway, TooBusy."""
        objection = objection_to_password(password, account.name)
        if objection is not None:
            raise Refused("password", objection)
        changed = {
            "password": await self._passwords.hash(password),
            "version": account.version if version is None else version,
        }
        await self.directory.store.change(actor, account.name, changed)
        await self.directory.reload()

    async def hash_password(self, password: str) -> str:
        """Raises TooBusy."""
        return await self._passwords.hash(password)

    @staticmethod
    def _self(principal: Principal, caller: Caller) -> Actor:
        return Actor(name=principal.name, role=principal.role.value, address=caller.address)

    async def _refused(self, name: str, caller: Caller, why: str) -> None:
        """A name nobody has may be a password in the wrong field: it is not written down."""
        account = self.directory.register.accounts.get(name)
        told = (name, account.role.value) if account else ("", "")
        act = Actor(*told, caller.address).act(
            "session.begin",
            f"account/{name}" if account else "account",
            outcome="refused",
            area=account.area if account else None,
            detail=why,
        )
        await self._audit.commit(act)
