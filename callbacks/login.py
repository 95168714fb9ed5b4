"""Joins the sign-in page to `SignIn`: forms in, a cookie or the page with what was wrong out."""

from collections.abc import Mapping
from math import ceil
from typing import Protocol
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from dashboard.domain.areas import Region
from dashboard.domain.rights import Role
from dashboard.doorkeeper import delete_session_cookie, session_cookie, set_session_cookie
from dashboard.errors import AuditBroken, Missing, Refused, Stale, StoreAway, TooBusy
from dashboard.local_path import local_path
from dashboard.oidc import Identity
from dashboard.replies import NO_STORE
from dashboard.sign_in import SignedIn, SignIn, TurnedAway, caller_of
from layouts import words
from layouts.login import LoginView, login_page

STATUS = {"wrong": 401, "slow": 429, "away": 503}
NAME_MAX, PASSWORD_MAX = 64, 200  # what is longer is nobody's
SHOWN_PROBLEMS = ("expired", "cut_off", "oidc", "no_rights")  # that a link may bring along


class LoginSettings(Protocol):
    """What the page reads of the settings."""

    @property
    def lang(self) -> str: ...
    @property
    def oidc_issuer(self) -> str | None: ...
    @property
    def oidc_name(self) -> str: ...


class Login:
    """The routes /login and /logout."""

    def __init__(
        self,
        settings: LoginSettings,
        region: Region,
        sign_in: SignIn,
    ) -> None:
        self._language = settings.lang if settings.lang in words.LANGUAGES else "zh"
        self._region = {"zh": region.name, "en": region.name_en}
        self._sign_in = sign_in
        self._oidc_name = settings.oidc_name if settings.oidc_issuer else None

    async def show(self, request: Request) -> Response:
        query = request.query_params
        problem = query.get("problem")
        return self._page(
            request,
            next=local_path(query.get("next", "/")),
            problem=problem if problem in SHOWN_PROBLEMS else None,
        )

    async def enter(self, request: Request) -> Response:
        """A form with name, password and next."""
        form = await _form(request)
        name, password = form.get("name", "").strip(), form.get("password", "")
        target = local_path(form.get("next", "/"))
        caller = caller_of(request.scope)
        if not name or len(name) > NAME_MAX or len(password) > PASSWORD_MAX:
            name, password = name[:NAME_MAX] or "-", ""
        try:
            outcome = await self._sign_in.by_password(name, password, caller)
        except (StoreAway, AuditBroken, TooBusy):
            return self._page(request, name=name, next=target, problem="away")
        if isinstance(outcome, TurnedAway):
            return self._page(
                request,
                name=name,
                next=target,
                problem=outcome.problem.value,
                attempts_left=outcome.attempts_left,
                wait_s=ceil(outcome.wait_s),
            )
        return self.welcome(request, outcome, target)

    def welcome(self, request: Request, signed_in: SignedIn, target: str) -> Response:
        """On to where the visitor wanted to go, with the cookie of the new session."""
        answer = RedirectResponse(local_path(target), 303, NO_STORE)
        set_session_cookie(request.scope, answer, signed_in.secret, self._sign_in.whole_s)
        return answer

    async def welcome_from_provider(
        self, request: Request, identity: Identity, role: Role, area: str
    ) -> Response:
        """Another provider has told who it is."""
        subject = f"{identity.issuer} {identity.subject}"
        caller = caller_of(request.scope)
        try:
            signed_in = await self._sign_in.by_provider(
                identity.name, subject, (role, area), caller
            )
        except Refused:
            return RedirectResponse("/login?problem=no_rights", 303, NO_STORE)
        except (StoreAway, AuditBroken):
            return self._page(request, problem="away")
        return self.welcome(request, signed_in, identity.came_from)

    async def leave(self, request: Request) -> Response:
        """Ends the session in the store; the cookie goes in any case."""
        headers = request.headers
        principal = await self._sign_in.directory.by_cookie(session_cookie(request.scope, headers))
        answer = RedirectResponse("/login", 303, NO_STORE)
        if principal is not None:
            try:
                await self._sign_in.end(principal, caller_of(request.scope).address)
            except (Missing, Stale):
                pass  # another window was first
            except (StoreAway, AuditBroken):
                return self._page(request, problem="away")
        delete_session_cookie(request.scope, answer)
        return answer

    def _page(self, request: Request, **fields: object) -> Response:
        language = request.query_params.get("lang", self._language)
        view = LoginView(
            language=language if language in words.LANGUAGES else self._language,
            region=self._region,
            oidc_name=self._oidc_name,
            **fields,  # type: ignore[arg-type]  # named as the view names them
        )
        status = STATUS.get(view.problem or "", 200)
        wait = {"Retry-After": str(view.wait_s)} if view.problem == "slow" else {}
        return HTMLResponse(login_page(view), status, NO_STORE | wait)

    def router(self) -> APIRouter:
        routes = APIRouter(include_in_schema=False)
        routes.add_api_route("/login", self.show, methods=["GET", "HEAD"])
        routes.add_api_route("/login", self.enter, methods=["POST"])
        routes.add_api_route("/logout", self.leave, methods=["POST"])
        return routes


async def _form(request: Request) -> Mapping[str, str]:
    """Fields of a form as browsers send it; the guard has bounded its size."""
    body = (await request.body()).decode("utf-8", errors="replace")
    return dict(parse_qsl(body, keep_blank_values=True, max_num_fields=10))
