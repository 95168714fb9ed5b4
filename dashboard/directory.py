"""Who may come in: this process's copy of accounts and sessions, as new as the audit trail.

It is kept when the store goes away: those who are signed in go on reading.
"""

import asyncio
import logging
from collections.abc import Callable

from redis.asyncio import Redis

from dashboard.clock import Clock
from dashboard.config import Settings
from dashboard.domain.accounts import (
    SHORT_ID,
    Caller,
    Session,
    SessionKind,
    hash_secret,
    is_other_browser,
    principal_of_account,
    principal_of_display,
)
from dashboard.domain.areas import Region
from dashboard.domain.rights import Principal, Right
from dashboard.errors import AuditBroken, Missing, OneMapError, Stale, StoreAway
from dashboard.store.accounts import AccountStore, Register
from dashboard.store.acts import Actor
from dashboard.store.audit import AuditLog

log = logging.getLogger(__name__)

FOLLOW_MS = 1_000
RETRY_S = 0.25
SWEEP_S = 60.0
OF_THE_REGISTER = ("account.", "token.", "display.", "session.")
DISPLAY_UNSEEN_MS = 40 * 86_400_000  # a wall that was put away
STOLEN = "its cookie came from another address and another browser than it was given to"
ITSELF = Actor(name="one map", role="", address="")


class Directory:
    """Answers who a secret belongs to; told of every change within milliseconds."""

    def __init__(
        self, settings: Settings, region: Region, redis: Redis, audit: AuditLog, clock: Clock
    ) -> None:
        self.store = AccountStore(redis, audit, clock)
        self.region = region
        self.register = Register()
        self._audit = audit
        self._clock = clock
        self._idle_ms = settings.session_idle_s * 1000
        self._whole_ms = settings.session_s * 1000
        self._seen: dict[str, int] = {}  # not yet in the store
        self._changed: list[Callable[[], None]] = []
        self._is_loaded = asyncio.Event()
        self._loads_begun = self._load_held = 0

    def on_change(self, tell: Callable[[], None]) -> None:
        """`tell` is called after every change, to let go of those who may no longer be here."""
        self._changed.append(tell)

    async def run(self) -> None:
        """Follow the audit trail for ever, and end sessions whose time is over."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._sweep())
            while True:
                try:
                    await self.reload()
                    await self._follow()
                except (StoreAway, AuditBroken) as error:
                    log.debug("accounts stand still: %s", error)
                await asyncio.sleep(RETRY_S)

    async def _follow(self) -> None:
        head = self.register.head
        while True:
            entries = await self._audit.follow(head, FOLLOW_MS)
            if any(entry.action.startswith(OF_THE_REGISTER) for entry in entries):
                await self.reload()
            if entries:
                head = max(head, entries[-1].n)

    async def reload(self) -> None:
        """Read everything anew, as after a change of one's own. Raises StoreAway."""
        self._loads_begun = number = self._loads_begun + 1
        register = await self.store.load()
        if number < self._load_held:
            return  # one that began later was quicker, and knows as much
        self._load_held, self.register = number, register
        self._is_loaded.set()
        for tell in self._changed:
            tell()

    # ---- who is it ---------------------------------------------------------------------------

    def by_token(self, secret: str) -> Principal | None:
        """The rights of the account that a program's token belongs to.

        Raises StoreAway before the first accounts were read.
        """
        if not self._is_loaded.is_set():
            raise StoreAway("accounts have not been read yet")
        hashed = hash_secret(secret)
        token = self.register.tokens.get(hashed)
        account = None if token is None else self.register.accounts.get(token.account)
        if account is None or account.disabled_ms is not None:
            return None
        self._seen[hashed] = self._clock.now_ms()
        return self._placed(principal_of_account(account, f"token:{hashed}"))

    async def by_cookie(self, secret: str, caller: Caller | None = None) -> Principal | None:
        """Whose session it is; one that another process has just begun is looked up.

        A session that turns up in another browser at another address is ended: its cookie was
        stolen. Raises StoreAway when that cannot be told.
        """
        hashed = hash_secret(secret)
        if hashed not in self.register.sessions:
            if await self.store.session(hashed) is None:
                return None
            await self.reload()
        principal = self._of_session(hashed)
        if principal is not None and caller is not None:
            session = self.register.sessions[hashed]
            if is_other_browser(session, caller):
                await self._end_stolen(hashed, principal, caller)
                return None
        if principal is not None:
            self._seen[hashed] = self._clock.now_ms()
        return principal

    async def _end_stolen(self, hashed: str, principal: Principal, caller: Caller) -> None:
        thief = Actor(name="", role="", address=caller.address)
        try:
            await self.store.end(thief, hashed, principal.area, STOLEN)
        except (Missing, Stale):
            log.debug("session %s had ended already", hashed[:SHORT_ID])
        await self.reload()

    def may(self, name: str, right: Right, area: str) -> bool:
        """Whether the account of this name has a right in an area, signed in or not."""
        account = self.register.accounts.get(name)
        if account is None or account.disabled_ms is not None:
            return False
        return principal_of_account(account, "").may(right, self.region, area)

    def is_current(self, principal: Principal) -> bool:
        """Whether it would be let in again with the same rights."""
        kind, _, hashed = principal.session.rpartition(":")
        if kind != "token":
            return self._of_session(hashed) == principal
        token = self.register.tokens.get(hashed)
        account = None if token is None else self.register.accounts.get(token.account)
        if account is None or account.disabled_ms is not None:
            return False
        return principal == principal_of_account(account, principal.session)

    def used(self, principal: Principal) -> None:
        """It did something on an open connection: not idle."""
        self._seen[principal.session.rpartition(":")[2]] = self._clock.now_ms()

    def seen_ms(self, hashed: str) -> int:
        return max(self._seen.get(hashed, 0), self.register.last_seen.get(hashed, 0))

    def _of_session(self, hashed: str) -> Principal | None:
        session = self.register.sessions.get(hashed)
        if session is None or self._is_over(hashed, session):
            return None
        if session.kind is SessionKind.DISPLAY:
            display = self.register.displays.get(session.owner)
            if display is None or display.revoked_ms or session.began_ms < display.created_ms:
                return None
            return self._placed(principal_of_display(display, hashed))
        account = self.register.accounts.get(session.owner)
        if account is None or account.disabled_ms or session.began_ms < account.since_ms:
            return None
        return self._placed(principal_of_account(account, hashed))

    def _placed(self, principal: Principal) -> Principal | None:
        """None for an area that this region pack does not have."""
        return principal if principal.area in self.region.by_code else None

    def _is_over(self, hashed: str, session: Session) -> bool:
        now_ms = self._clock.now_ms()
        unseen_ms = now_ms - max(self.seen_ms(hashed), session.began_ms)
        if session.kind is SessionKind.DISPLAY:
            return unseen_ms > DISPLAY_UNSEEN_MS
        return unseen_ms > self._idle_ms or now_ms - session.began_ms > self._whole_ms

    # ---- keeping the store in step -----------------------------------------------------------

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_S)
            try:
                await self.sweep()
            except StoreAway as error:
                log.debug("sessions are not swept: %s", error)

    async def sweep(self) -> None:
        """Write down who was seen, end what is over. Raises StoreAway."""
        seen = dict(self._seen)  # which holds until the store has it: nobody seems idle meanwhile
        known = self.register.sessions.keys() | self.register.tokens.keys()
        await self.store.note_seen({h: ms for h, ms in seen.items() if h in known})
        self.register.last_seen |= seen
        self._seen = {h: ms for h, ms in self._seen.items() if seen.get(h) != ms}
        for hashed, session in tuple(self.register.sessions.items()):
            if self._of_session(hashed) is None:
                await self._end(hashed, session)

    async def _end(self, hashed: str, session: Session) -> None:
        try:
            await self.store.end(ITSELF, hashed, None, "its time was over")
        except (Missing, Stale):
            log.debug("session %s of %s had ended already", hashed[:SHORT_ID], session.owner)
        except StoreAway:
            raise
        except OneMapError:
            log.exception("a session that is over could not be ended")
