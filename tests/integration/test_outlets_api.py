"""What each asker is told of the outlets over HTTP."""

import pytest

from dashboard.domain.outlets import Health, Lost
from dashboard.domain.rights import Role
from dashboard.store import keys
from dashboard.store.outlets import Deliveries, Step
from dashboard.store.seat import Seat
from tests.receivers import add_outlet, news, outlet
from tests.stage import bearer

HERE, THERE = "530111001", "530111002"


@pytest.fixture
async def outlets(stage, redis, settings, clock):
    """One of each area, and one of the whole region that fares badly."""
    for name, area in (("here", HERE), ("there", THERE), ("whole", None)):
        target = f"https://{name}.example.cn/?key=very-secret-key"
        await add_outlet(redis, settings, clock, outlet(clock, target, name=name, area=area))
    made = outlet(clock, "https://whole.example.cn/?key=very-secret-key", name="whole")
    seat = Seat(redis, keys.NOTIFIER_SEAT)
    await seat.take()
    now_ms = clock.now_ms()
    health = Health(
        at_ms=now_ms, delivered_ms=now_ms - 5_000, n_delivered=7, waiting=2,
        oldest_ms=now_ms - 9_000, attempts=3, error="it answered 500", lost=1,
    )  # fmt: skip
    lost = Lost(1, "gone:1", "raised", now_ms, now_ms, 9, "it answered 500")
    await Deliveries(redis, seat).save(made, Step(gone=[news(1, clock)], lost=[lost]), health)


@pytest.mark.usefixtures("outlets")
async def test_an_administrator_sees_all_of_them(stage):
    body = await stage.get("/api/outlets")
    rows = {row["name"]: row for row in body["outlets"]}
    assert list(rows) == ["here", "there", "whole"]
    assert (rows["whole"]["state"], rows["whole"]["kind"]) == ("failing", "webhook")
    assert (rows["whole"]["delivered_age_s"], rows["whole"]["oldest_age_s"]) == (5, 9)
    told = rows["whole"]["setting"]
    assert told["target"] == "https://whole.example.cn/?key=very-secret-key"
    assert (told["n_waiting"], told["n_lost"], told["n_delivered"]) == (2, 1, 7)
    assert (told["error"], told["attempts"]) == ("it answered 500", 3)
    assert told["lost"][0]["alert"] == "gone:1"
    assert rows["here"]["state"] == "ok"
    assert rows["here"]["delivered_age_s"] is None


@pytest.mark.usefixtures("outlets")
@pytest.mark.parametrize(
    ("role", "settings_of"),
    [(Role.VIEWER, set()), (Role.DISPATCHER, set()), (Role.ADMINISTRATOR, {"here"})],
)
async def test_others_see_how_those_of_their_area_fare_and_no_more(stage, role, settings_of):
    token = await stage.add_program("li", role, HERE)
    answer = await stage.http.get("/api/outlets", headers=bearer(token))
    rows = answer.json()["outlets"]
    assert [row["name"] for row in rows] == ["here", "whole"]
    assert {row["name"] for row in rows if row["setting"] is not None} == settings_of
    assert "whole.example.cn" not in answer.text
    assert "it answered" not in answer.text


@pytest.mark.usefixtures("outlets")
async def test_nobody_sees_nothing(stage):
    answer = await stage.http.get("/api/outlets", headers=bearer("none"))
    assert answer.status_code == 401


@pytest.mark.usefixtures("outlets")
async def test_no_secret_is_ever_answered(stage, settings, clock):
    text = (await stage.http.get("/api/outlets")).text
    made = outlet(clock, "https://whole.example.cn/?key=very-secret-key", name="whole")
    assert made.secret(settings.secret) not in text
    assert "oms_" not in text


@pytest.mark.usefixtures("outlets")
async def test_without_a_notifier_they_are_late(stage, clock):
    clock.move(61)
    states = {row["name"]: row["state"] for row in (await stage.get("/api/outlets"))["outlets"]}
    assert states == {"here": "late", "there": "late", "whole": "failing"}
