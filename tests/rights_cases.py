"""Every route of a server, and requests for it with what the table of rights makes of them."""

import itertools
import re
from dataclasses import dataclass

from callbacks.pages import SamePage
from dashboard.domain.areas import Tier
from dashboard.domain.rights import TABLE, Right, Role
from dashboard.rules import Need, find_rule
from tests.whole import UNKNOWN, incident_name

STATIC = ("/assets/", "/_dash-component-suites/", "/region/", "/api/docs/", "/_favicon")
REFUSED = (401, 403, 404)
RUNS = itertools.count()


# ---- what there is to ask for ----------------------------------------------------------------


@dataclass(frozen=True)
class Route:
    method: str  # WS for a WebSocket
    path: str  # as the server has it, names in braces

    @property
    def sample(self):
        return re.sub(r"\{\w+(:path)?\}", "x1", self.path)

    @property
    def rule(self):
        return find_rule(self.method, self.sample)

    @property
    def is_static(self):
        return self.path.startswith(STATIC)


def routes_of(server):
    """Every route of the server, those of Dash and of middleware included."""
    found = set()
    same = [m.kwargs for m in server.user_middleware if m.cls is SamePage]
    aliases = dict(pair for kwargs in same for pair in _aliases(kwargs))
    for route in _flat(server.routes):
        path = route.path + "/{path:path}" if type(route).__name__ == "Mount" else route.path
        methods = getattr(route, "methods", None)
        is_socket = "WebSocket" in type(route).__name__
        for method in ["WS"] if is_socket else methods or ["GET"]:
            if path == "/" or path not in aliases.values():
                found.add(Route(method, path))
            found |= {Route(method, alias) for alias, real in aliases.items() if real == path}
    return sorted(found, key=lambda route: (route.path, route.method))


def _aliases(kwargs):
    return kwargs["paths"].items() if "paths" in kwargs else [(kwargs["path"], "/")]


def _flat(routes):
    for route in routes:
        if hasattr(route, "original_router"):
            yield from _flat(route.original_router.routes)
        else:
            yield route


# ---- what is to be expected, from the rules and the table alone ---------------------------------


ALLOWED, HIDDEN = "allowed", "hidden"


def expected(whole, asker, route, place):
    """ALLOWED, or the statuses that turn the asker away. `place`: the area asked for, or None."""
    need = route.rule.need
    if need is Need.NOTHING:
        return ALLOWED
    if need is Need.FEED:
        return ALLOWED if asker.name == "feed" else (401,)
    if asker.role is None:
        return (303,) if route.rule.is_page and "Cookie" in asker.headers else (401, 303)
    if isinstance(need, Right) and need not in TABLE[asker.role]:
        return (403,)
    if place is None or whole.is_within(place, asker.area):
        return (404,) if _is_of_others(asker, route) else ALLOWED
    return REFUSED if place != UNKNOWN else (404, 422)


def _is_of_others(asker, route):
    """None of the cases came to a department."""
    is_case = route.path.startswith("/api/incidents/{")
    whistles = (route.method, route.path) == ("POST", "/api/whistles")
    return asker.role is Role.DEPARTMENT and (is_case or whistles)


class Cases:
    """Requests for every route: (place, path, body), and which status says that it was allowed.

    What would change something others need is asked for in a way that is refused further in.
    """

    def __init__(self, whole):
        self.whole = whole
        self.n = next(RUNS) * 1_000

    async def of(self, route):
        name = f"{route.method} {re.sub(r'[{}]|:path', '', route.path)}"
        special = self.BUILDERS.get(name)
        if special is None:
            yield None, route.sample, None, None
            return
        for i, place in enumerate(self.whole.places):
            async for case in special(self, place, f"person{i}"):
                yield place, *case

    async def area(self, place, _person):
        yield f"/api/areas/{place}", None, (200,)

    async def cameras(self, place, _person):
        yield f"/api/areas/{place}/cameras", None, (200,)

    async def systems(self, place, _person):
        yield f"/api/systems?area={place}", None, (200,)

    async def incidents(self, place, _person):
        for more in ("", "&state=reported"):
            yield f"/api/incidents?area={place}{more}", None, (200,)

    async def incident(self, place, _person):
        by_grid = {grid: key for key, grid in self.whole.grids.items()}
        if place in by_grid:
            yield f"/api/incidents/{incident_name(by_grid[place], 0)}", None, (200,)
        if place == UNKNOWN:
            yield "/api/incidents/GD-none", None, (200,)

    async def queue(self, place, _person):
        for more in ("", "&queue=all&limit=500", "&queue=overdue&q=GD"):
            yield f"/api/queue?area={place}{more}", None, (200,)

    async def act(self, place, _person):
        """With a field that is of no use: who may see the case is told so."""
        by_grid = {grid: key for key, grid in self.whole.grids.items()}
        wish = {"action": "acknowledge", "version": 1, "key": f"k{next(RUNS)}", "department": "x"}
        if place in by_grid:
            yield f"/api/incidents/{incident_name(by_grid[place], 0)}/actions", wish, (403, 422)
        if place == UNKNOWN:
            yield "/api/incidents/GD-none/actions", wish, (404,)

    async def whistles(self, place, _person):
        yield f"/api/whistles?area={place}", None, (200,)

    async def whistle_figures(self, place, _person):
        yield f"/api/whistles/figures?area={place}", None, (200,)

    async def whistle(self, place, _person):
        yield f"/api/whistles/none-{place}", None, (404,)

    async def new_whistle(self, place, _person):
        """For a department that there is not: who may see the case is told so."""
        by_grid = {grid: key for key, grid in self.whole.grids.items()}
        wish = {"kind": "daily", "called": ["x"], "key": f"k{next(RUNS)}"}
        if place in by_grid:
            name = incident_name(by_grid[place], 0)
            yield "/api/whistles", {"incident": name, **wish}, (403, 422)
        if place == UNKNOWN:
            yield "/api/whistles", {"incident": "GD-none", **wish}, (404,)

    async def handovers(self, place, _person):
        yield f"/api/handovers?area={place}", None, (200,)

    async def draft(self, place, _person):
        yield f"/api/handovers/draft?area={place}", None, (200,)

    async def hand_over(self, place, _person):
        """Of a time long past: who may hand over is told so."""
        body = {"area": place, "as_of": "2020-01-01T00:00:00Z"}
        yield "/api/handovers", body, (422,)

    async def handover(self, place, _person):
        yield f"/api/handovers/{place}-1", None, (404,)

    async def signature(self, place, _person):
        for step in ("sign", "withdraw"):
            yield f"/api/handovers/{place}-1/{step}", {"version": 1}, (404,)

    async def audit(self, place, _person):
        if place == self.whole.region.root.code:
            yield "/api/audit?limit=500", None, (200,)

    async def audit_export(self, place, _person):
        if place == self.whole.region.root.code:
            for form in ("csv", "jsonl"):
                yield f"/api/audit/export?format={form}", None, (200,)

    async def new_account(self, place, _person):
        body = {"name": "new.one", "role": "viewer", "area": place, "password": "short"}
        yield "/api/accounts", body, (422,)

    async def change(self, _place, person):
        yield f"/api/accounts/{person}", {"version": 99, "role": "officer"}, (409,)

    async def password(self, _place, person):
        yield f"/api/accounts/{person}/password", {"version": 99, "password": "short"}, (422,)

    async def add_token(self, _place, person):
        yield f"/api/accounts/{person}/tokens", None, (201,)

    async def revoke_token(self, place, person):
        token = "0" * 16
        if place != UNKNOWN:
            made = await self.whole.ask("POST", f"/api/accounts/{person}/tokens", self.whole.chief)
            token = made.json()["id"]
        yield f"/api/accounts/{person}/tokens/{token}", None, (204,)

    async def end_session(self, place, _person):
        session, root = "0" * 16, self.whole.region.root.code
        if place in self.whole.grids.values() or place in (root, self.whole.above(Tier.STREET)):
            opened = await self.whole.http.get((await self._display(place))["path"])
            assert opened.status_code == 303
            rows = await self.whole.ask("GET", "/api/sessions", self.whole.chief)
            name = f"screen{self.n}"
            session = next(r["id"] for r in rows.json()["items"] if r["account"] == name)
        yield f"/api/sessions/{session}", None, (404 if session == "0" * 16 else 204,)

    async def new_display(self, place, _person):
        self.n += 1
        yield "/api/displays", {"name": f"screen{self.n}", "area": place}, (201,)

    async def revoke_display(self, place, _person):
        name = "none" if place == UNKNOWN else (await self._display(place))["name"]
        yield f"/api/displays/{name}", None, (204,)

    async def _display(self, place):
        self.n += 1
        body = {"name": f"screen{self.n}", "area": place}
        made = await self.whole.ask("POST", "/api/displays", self.whole.chief, body)
        assert made.status_code == 201, made.text
        return made.json()

    BUILDERS = {  # noqa: RUF012  # read only
        "GET /api/areas/code": area,
        "GET /api/areas/code/cameras": cameras,
        "GET /api/incidents": incidents,
        "GET /api/systems": systems,
        "GET /api/incidents/incident": incident,
        "POST /api/incidents/incident/actions": act,
        "GET /api/queue": queue,
        "GET /api/whistles": whistles,
        "POST /api/whistles": new_whistle,
        "GET /api/whistles/figures": whistle_figures,
        "GET /api/whistles/whistle": whistle,
        "GET /api/handovers": handovers,
        "POST /api/handovers": hand_over,
        "GET /api/handovers/draft": draft,
        "GET /api/handovers/handover": handover,
        "POST /api/handovers/handover/sign": signature,
        "POST /api/handovers/handover/withdraw": signature,
        "GET /api/audit": audit,
        "GET /api/audit/export": audit_export,
        "POST /api/accounts": new_account,
        "PATCH /api/accounts/name": change,
        "POST /api/accounts/name/password": password,
        "POST /api/accounts/name/tokens": add_token,
        "DELETE /api/accounts/name/tokens/token": revoke_token,
        "DELETE /api/sessions/session": end_session,
        "POST /api/displays": new_display,
        "DELETE /api/displays/name": revoke_display,
    }


def names_of_others(whole, asker):
    """Accounts that the asker may not know of; an administrator knows those of the own area."""
    persons = {f"person{i}": place for i, place in enumerate(whole.places[:-1])}
    is_office = asker.role is Role.ADMINISTRATOR
    return [n for n, p in persons.items() if not (is_office and whole.is_within(p, asker.area))]


def leaks(whole, asker, answer, asked):
    """What an answer tells that it may not, but for what was said in the question."""
    told = f"{answer.headers}\n{answer.text}"
    found = whole.secrets(asker).findall(told)
    others = [n for n in names_of_others(whole, asker) if re.search(rf"\b{n}\b", told)]
    return [word for word in found + others if word not in asked]


async def asked_by(whole, asker):
    """Every problem with what one asker is answered."""
    cases, problems, n = Cases(whole), [], 0
    for route in routes_of(whole.server):
        if route.rule is None or route.method == "WS" or route.path in ("/login", "/logout"):
            continue
        async for place, path, body, allowed in cases.of(route):
            wanted = expected(whole, asker, route, place)
            answer = await whole.ask(route.method, path, asker, body)
            n += 1
            good = allowed or [s for s in range(200, 600) if s not in (401, 403)]
            if answer.status_code not in (good if wanted == ALLOWED else wanted):
                problems.append((route.method, path, answer.status_code, wanted, answer.text[:90]))
            if not route.is_static and (told := leaks(whole, asker, answer, f"{path} {body}")):
                problems.append((route.method, path, answer.status_code, "TELLS", told[:5]))
    return problems, n
