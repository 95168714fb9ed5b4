"""The service systems over HTTP: what the map's filter shows, for programs."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Response

from dashboard.answers import SYSTEM_ROUTES
from dashboard.domain.rights import Right
from dashboard.domain.systems import Systems
from dashboard.doorkeeper import Asker, require
from dashboard.live import Hub
from dashboard.queries import LivePicture
from dashboard.replies import RETRY, json_reply
from dashboard.system_figures import system_rows
from dashboard.system_topic import SystemTopic

Code = Annotated[str | None, Query(description="of the asker's own area when left out")]


class SystemsApi:
    """Answers over one web process's picture."""

    def __init__(self, picture: LivePicture, systems: Systems) -> None:
        self._picture = picture
        self._systems = systems

    async def read(self, asker: Asker, area: Code = None) -> Response:
        """Every service system in one area, in the region pack's order.

        `open` are the cases whose home the system is: over all systems they add up to the area's
        `incidents_open`. `also` are cases at home in another system that stand in its queue too.
        The KPIs of cases are of the whole queue, and their `also` says how many of them are at
        home elsewhere; other KPIs are of the area as a whole.
        """
        picture = self._picture
        if picture.as_of_ms is None:
            raise HTTPException(503, "no numbers yet: the store or the board is away", RETRY)
        code = area or asker.area
        held = picture.region.by_code.get(code)
        if held is None:
            raise HTTPException(404, f"{code!r} is not an area of {picture.region.name}")
        require(asker, Right.SEE, picture.region, code)
        rows = system_rows(picture, self._systems, held)
        items = [
            {
                "id": system.id,
                "name": system.name,
                "name_en": system.name_en,
                "status": system.status,
                "rests_on": system.rests_on,
                **rows[system.id],
            }
            for system in self._systems.values()
        ]
        body = {"as_of": picture.as_of(), "area": code, "systems": items}
        return json_reply(body)


def router(hub: Hub, systems: Systems) -> APIRouter:
    """Files the cases of the hub's picture under the systems, and offers these on the live socket
    and over HTTP; to be called before the hub runs."""
    hub.picture.file_under(systems)
    hub.carry("systems", partial(SystemTopic, systems=systems))
    routes = APIRouter()
    path, read = "/api/systems", SystemsApi(hub.picture, systems).read
    routes.add_api_route(path, read, response_class=Response, **SYSTEM_ROUTES[path])
    return routes
