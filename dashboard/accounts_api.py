"""The API for administrators: accounts, their tokens, who is signed in, wall displays."""

from math import ceil
from typing import Any

import msgspec
from fastapi import APIRouter, FastAPI, Request, Response

from dashboard.clock import Clock, iso
from dashboard.domain.accounts import (
    SHORT_ID,
    Account,
    SessionKind,
    department_after,
    objection_to_department,
    objection_to_name,
    objection_to_password,
    objection_to_role,
)
from dashboard.domain.departments import Departments
from dashboard.domain.rights import Principal, Right, Role
from dashboard.doorkeeper import Asker, require, set_session_cookie
from dashboard.errors import AuditBroken, Missing, Refused, Stale, StoreAway, TooBusy
from dashboard.live import Hub
from dashboard.office_answers import OFFICE
from dashboard.office_bodies import Change, NewAccount, NewDisplay, NewPassword, OwnPassword
from dashboard.once import actor_once, once_route
from dashboard.replies import empty_reply, json_reply
from dashboard.sign_in import SignIn, TurnedAway, caller_of


class Office:
    """What an administrator may do to accounts whose area lies inside the own one."""

    def __init__(self, sign_in: SignIn, hub: Hub, clock: Clock, departments: Departments) -> None:
        self._sign_in = sign_in
        self._directory = sign_in.directory
        self._store = sign_in.directory.store
        self._hub = hub
        self._clock = clock
        self._departments = departments

    # ---- oneself -----------------------------------------------------------------------------

    async def me(self, asker: Asker) -> Response:
        """Who asks, and what that allows."""
        session = self._directory.register.sessions.get(asker.session)
        kind = "program" if session is None else session.kind.value
        began = None if session is None else iso(session.began_ms)
        body = {
            "name": asker.name,
            "role": asker.role.value,
            "area": asker.area,
            "department": asker.department or None,
        }
        rights = sorted(right.value for right in asker.rights)
        return json_reply({**body, "rights": rights, "kind": kind, "signed_in_at": began})

    async def own_password(self, body: OwnPassword, asker: Asker, request: Request) -> Response:
        """Every other session of the account ends."""
        session = self._directory.register.sessions.get(asker.session)
        if session is None or session.kind is not SessionKind.ACCOUNT:
            return _problem(403, "old", "only a person who is signed in has a password")
        caller = caller_of(request.scope)
        with_answer = await self._sign_in.change_password(asker, (body.old, body.new), caller)
        if isinstance(with_answer, TurnedAway):
            if with_answer.wait_s:
                return _problem(429, "old", "too many wrong passwords", with_answer.wait_s)
            return _problem(403, "old", "this is not your password")
        answer = empty_reply()
        whole_s = self._sign_in.whole_s
        set_session_cookie(request.scope, answer, with_answer.secret, whole_s)
        return answer

    # ---- accounts ----------------------------------------------------------------------------

    async def accounts(self, asker: Asker) -> Response:
        """Accounts of the asker's area, by name."""
        held = self._directory.register.accounts.values()
        shown = sorted((a for a in held if self._reaches(asker, a.area)), key=lambda a: a.name)
        rows = [self._account_row(account) for account in shown]
        return json_reply({"total": len(rows), "items": rows})

    async def add(self, body: NewAccount, asker: Asker, request: Request) -> Response:
        _check("name", objection_to_name(body.name))
        _check("role", objection_to_role(body.role))
        self._check_area(asker, body.area)
        role = Role(body.role)
        _check("department", objection_to_department(role, body.department, self._departments))
        _check("password", objection_to_password(body.password, body.name))
        password = await self._sign_in.hash_password(body.password)
        now_ms = self._clock.now_ms()
        account = Account(body.name, role, body.area, password, now_ms, department=body.department)
        answer = json_reply(self._account_row(account), 201)
        await self._store.add(await actor_once(request, answer), account)
        await self._directory.reload()
        return answer

    async def change(self, name: str, body: Change, asker: Asker, request: Request) -> Response:
        """Rights that change take effect at once, on open sockets too."""
        account = self._account(asker, name)
        changed: dict[str, Any] = {"version": body.version}
        if body.role is not None:
            _check("role", objection_to_role(body.role))
            changed["role"] = Role(body.role)
        if body.area is not None:
            self._check_area(asker, body.area)
            changed["area"] = body.area
        if body.disabled is not None:
            changed["disabled_ms"] = self._clock.now_ms() if body.disabled else None
        if name == asker.name:
            raise Refused("name", "ask another administrator to change your own account")
        if body.version != account.version:
            raise Stale("account", name)
        changed |= self._changed_department(account, body)
        fields = {**changed, "version": body.version + 1}
        answer = json_reply(self._account_row(msgspec.structs.replace(account, **fields)))
        await self._store.change(await actor_once(request, answer), account.name, changed)
        await self._directory.reload()
        return answer

    def _changed_department(self, account: Account, body: Change) -> dict[str, str | None]:
        """Looked at only with role or department: who has none yet can still be disabled."""
        if body.role is None and body.department is None:
            return {}
        role = account.role if body.role is None else Role(body.role)
        department = department_after(account, role, body.department)
        _check("department", objection_to_department(role, department, self._departments))
        return {"department": department}

    async def password(
        self, name: str, body: NewPassword, asker: Asker, request: Request
    ) -> Response:
        """A new password for somebody who lost the old one; all sessions of the account end."""
        account, answer = self._account(asker, name), empty_reply()
        if name == asker.name:  # whoever sits down at an open screen does not know the old one
            raise Refused("name", "your own password is changed with the old one: /api/me/password")
        actor = await actor_once(request, answer)
        await self._sign_in.set_password(actor, account, body.password, body.version)
        return answer

    async def add_token(self, name: str, asker: Asker, request: Request) -> Response:
        """The token is told this once."""
        account = self._account(asker, name)
        identity, secret = await self._store.add_token(
            await actor_once(request, None), account.name
        )
        await self._directory.reload()
        return json_reply({"id": identity, "token": secret}, 201)

    async def revoke_token(self, name: str, token: str, asker: Asker, request: Request) -> Response:
        self._account(asker, name)
        answer = empty_reply()
        await self._store.revoke_token(await actor_once(request, answer), name, token)
        await self._directory.reload()
        return answer

    # ---- sessions and displays ---------------------------------------------------------------

    async def sessions(self, asker: Asker) -> Response:
        """Who is signed in, on from where, and since when."""
        rows = []
        for hashed, session in self._directory.register.sessions.items():
            area = self._area_of(hashed)
            if area is not None and self._reaches(asker, area):
                rows.append(
                    {
                        "id": hashed[:SHORT_ID],
                        "account": session.owner,
                        "kind": session.kind.value,
                        "area": area,
                        "address": session.address,
                        "agent": session.agent,
                        "began_at": iso(session.began_ms),
                        "seen_at": iso(max(self._directory.seen_ms(hashed), session.began_ms)),
                        "live": self._hub.n_live(hashed),
                    }
                )
        rows.sort(key=lambda row: (str(row["seen_at"]), str(row["id"])), reverse=True)
        return json_reply({"total": len(rows), "items": rows})

    async def end_session(self, session: str, asker: Asker, request: Request) -> Response:
        """Its sockets are closed at once."""
        known = self._directory.register.sessions
        found = [h for h in known if h.startswith(session) and len(session) >= SHORT_ID]
        area = self._area_of(found[0]) if len(found) == 1 else None
        if area is None or not self._reaches(asker, area):
            raise Missing("session", session)
        answer = empty_reply()
        actor = await actor_once(request, answer)
        await self._store.end(actor, found[0], area, "cut off by an administrator")
        await self._directory.reload()
        return answer

    async def displays(self, asker: Asker) -> Response:
        """Every wall, with the screens that use its address and what they told of themselves."""
        signs = await self._hub.screens.signs()
        rows = [
            {
                "name": display.name,
                "area": display.area,
                "created_at": iso(display.created_ms),
                "revoked": display.revoked_ms is not None,
                "screens": self._screens(display.name),
                "signs": signs.get(display.name, []),
            }
            for display in self._directory.register.displays.values()
            if self._reaches(asker, display.area)
        ]
        rows.sort(key=lambda row: (row["revoked"], row["name"]))
        return json_reply({"total": len(rows), "items": rows})

    async def add_display(self, body: NewDisplay, asker: Asker, request: Request) -> Response:
        """The address to open on the wall is told this once."""
        _check("name", objection_to_name(body.name))
        self._check_area(asker, body.area)
        held = self._directory.register.displays.get(body.name)
        if held is not None and not self._reaches(asker, held.area):
            raise Refused("name", "another area has a display of this name")
        actor = await actor_once(request, None)
        secret = await self._store.add_display(actor, body.name, body.area)
        await self._directory.reload()
        path = f"/wall?display={secret}"
        return json_reply({"name": body.name, "token": secret, "path": path}, 201)

    async def revoke_display(self, name: str, asker: Asker, request: Request) -> Response:
        """Its screens are cut off at once."""
        held = self._directory.register.displays.get(name)
        if held is None or not self._reaches(asker, held.area):
            raise Missing("display", name)
        answer = empty_reply()
        await self._store.revoke_display(await actor_once(request, answer), name)
        await self._directory.reload()
        return answer

    # ---- what all share ----------------------------------------------------------------------

    def _reaches(self, asker: Principal, area: str) -> bool:
        return asker.may(Right.ADMINISTER, self._directory.region, area)

    def _account(self, asker: Principal, name: str) -> Account:
        """One of another area is answered as one that does not exist. Raises Missing."""
        account = self._directory.register.accounts.get(name)
        if account is None or not self._reaches(asker, account.area):
            raise Missing("account", name)
        return account

    def _check_area(self, asker: Principal, area: str) -> None:
        if area not in self._directory.region.by_code:
            raise Refused("area", "there is no such area")
        require(asker, Right.ADMINISTER, self._directory.region, area)

    def _area_of(self, hashed: str) -> str | None:
        register = self._directory.register
        session = register.sessions.get(hashed)
        if session is None:
            return None
        owners: dict[str, Any] = (
            register.displays if session.kind is SessionKind.DISPLAY else register.accounts
        )
        owner = owners.get(session.owner)
        return None if owner is None else owner.area

    def _account_row(self, account: Account) -> dict[str, Any]:
        register = self._directory.register
        sessions = [s for s in register.sessions.values() if s.owner == account.name]
        own = [s for s in sessions if s.kind is SessionKind.ACCOUNT]
        tokens = [
            {
                "id": hashed[:SHORT_ID],
                "created_at": iso(token.created_ms),
                "used_at": iso(seen) if (seen := self._directory.seen_ms(hashed)) else None,
            }
            for hashed, token in register.tokens.items()
            if token.account == account.name
        ]
        latest = max((s.began_ms for s in own), default=None)
        return {
            "name": account.name,
            "role": account.role.value,
            "area": account.area,
            "department": account.department,
            "state": "active" if account.disabled_ms is None else "disabled",
            "version": account.version,
            "created_at": iso(account.created_ms),
            "signed_in_at": None if latest is None else iso(latest),
            "has_password": account.password is not None,
            "tokens": sorted(tokens, key=lambda row: str(row["created_at"])),
            "sessions": len(own),
        }

    def _screens(self, name: str) -> list[dict[str, Any]]:
        return [
            {
                "session": hashed[:SHORT_ID],
                "address": session.address,
                "agent": session.agent,
                "seen_at": iso(max(self._directory.seen_ms(hashed), session.began_ms)),
                "live": self._hub.n_live(hashed),
            }
            for hashed, session in self._directory.register.sessions.items()
            if session.owner == name and session.kind is SessionKind.DISPLAY
        ]


def _check(field: str, objection: str | None) -> None:
    if objection is not None:
        raise Refused(field, objection)


def _problem(status: int, field: str, reason: str, wait_s: float = 0) -> Response:
    headers = {"Retry-After": str(max(1, ceil(wait_s)))} if wait_s else None
    return json_reply({"field": field, "reason": reason}, status, headers)


async def answer_for(_request: Request, error: Exception) -> Response:
    """Our own errors as answers."""
    match error:
        case Refused():
            return _problem(422, error.field, error.reason)
        case Missing():
            return _problem(404, "name", str(error))
        case Stale():
            return _problem(409, "version", str(error))
        case _:
            return _problem(503, "", str(error), 1)


def answer_errors(server: FastAPI) -> None:
    for kind in (Refused, Missing, Stale, StoreAway, AuditBroken, TooBusy):
        server.add_exception_handler(kind, answer_for)


def router(sign_in: SignIn, hub: Hub, clock: Clock, departments: Departments) -> APIRouter:
    office = Office(sign_in, hub, clock, departments)
    routes = APIRouter(route_class=once_route(sign_in.directory.store.done))
    for method, path, answer in (
        ("GET", "/api/me", office.me),
        ("POST", "/api/me/password", office.own_password),
        ("GET", "/api/accounts", office.accounts),
        ("POST", "/api/accounts", office.add),
        ("PATCH", "/api/accounts/{name}", office.change),
        ("POST", "/api/accounts/{name}/password", office.password),
        ("POST", "/api/accounts/{name}/tokens", office.add_token),
        ("DELETE", "/api/accounts/{name}/tokens/{token}", office.revoke_token),
        ("GET", "/api/sessions", office.sessions),
        ("DELETE", "/api/sessions/{session}", office.end_session),
        ("GET", "/api/displays", office.displays),
        ("POST", "/api/displays", office.add_display),
        ("DELETE", "/api/displays/{name}", office.revoke_display),
    ):
        told = OFFICE[method, path]
        routes.add_api_route(path, answer, methods=[method], response_class=Response, **told)
    return routes
