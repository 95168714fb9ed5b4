"""Service systems: which one a class belongs to, which queues a case stands in."""

import json

import pytest

from dashboard.domain.events import Channel
from dashboard.domain.metrics import METRICS, rates
from dashboard.domain.systems import AREA_KPIS, CASE_KPIS, ServiceSystem, Systems
from dashboard.errors import RegionError
from dashboard.systems import load_systems
from tests.spoiled_pack import GUANDU, Pack


def system(name, *classes, **more):
    fields = {
        "name": name,
        "name_en": name,
        "status": "proposal",
        "rests_on": (),
        "channels": (),
        "whistled": False,
        "kpis": ("open", "overdue", "on_time_rate"),
        "rest": False,
    }
    return ServiceSystem(id=name, classes=classes, **{**fields, **more})


@pytest.fixture(scope="module")
def guandu(classes):
    return load_systems(GUANDU, classes)


def test_a_class_belongs_to_the_one_that_names_it_or_else_to_the_rest():
    systems = Systems([system("rest", rest=True), system("drains", "05-*")])
    assert systems.of("05-03").id == "drains"
    assert systems.of("06-03").id == "rest"
    assert systems.of("P-05-03").id == "rest"


def test_the_closest_pattern_decides_then_the_order():
    held = [system("rest", rest=True), system("all", "05-*"), system("one", "05-03", "06-*")]
    systems = Systems([*held, system("late", "06-*")])
    assert [systems.of(code).id for code in ("05-03", "05-04", "06-01")] == ["one", "all", "one"]
    assert [one.id for one in systems.naming("05-03")] == ["one", "all"]


@pytest.mark.parametrize("n_rest", [0, 2])
def test_exactly_one_takes_the_rest(n_rest):
    held = [system(f"s{number}", rest=number < n_rest) for number in range(3)]
    with pytest.raises(ValueError, match=f"{n_rest} systems"):
        Systems(held)


def test_a_case_stands_in_the_queues_of_its_class_its_channel_and_its_whistle():
    systems = Systems(
        [
            system("party", channels=(Channel.LEADER,), whistled=True),
            system("drains", "05-*", channels=(Channel.VIDEO,)),
            system("rest", rest=True),
        ]
    )

    def queues(*args, **more):
        return [one.id for one in systems.all_of(*args, **more)]

    assert queues("05-03") == ["drains"]
    assert queues("05-03", Channel.HOTLINE) == ["drains"]
    assert queues("05-03", Channel.LEADER) == ["drains", "party"]
    assert queues("05-03", Channel.VIDEO, is_whistled=True) == ["drains", "party"]
    assert queues("06-01", is_whistled=True) == ["rest", "party"]
    assert queues("06-01", Channel.VIDEO) == ["rest", "drains"]


def test_kpis_are_the_numbers_that_there_are():
    assert set(METRICS) <= set(AREA_KPIS)
    assert set(AREA_KPIS) | {"on_time_rate"} == {*METRICS, *rates(dict.fromkeys(METRICS, 0))}
    assert not set(AREA_KPIS) & set(CASE_KPIS)


# --- the pack that ships


def test_every_class_of_guandu_belongs_to_one_system(guandu, classes):
    assert len(guandu) == 6
    homes = {item.service_code: guandu.of(item.service_code).id for item in classes.values()}
    assert len(homes) == 98 + 91
    assert homes["E-05-03"] == homes["E-04-96"] == "safety-emergency"
    assert homes["E-01-28"] == "dispute-resolution"
    assert homes["E-06-04"] == "grid-service"
    assert homes["E-01-12"] == "service-city"
    assert homes["P-01-50"] == "public-order"


def test_every_system_of_guandu_has_cases_of_its_own_or_takes_whistles(guandu):
    empty = [one.id for one in guandu.values() if not (one.classes or one.rest)]
    assert empty == ["party-leadership"]
    party = guandu["party-leadership"]
    assert (party.whistled, party.channels) == (True, (Channel.LEADER,))
    assert "whistles" in party.kpis


# --- files that are refused


@pytest.fixture
def pack(tmp_path):
    return Pack(tmp_path)


def edit(pack, **fields):
    """The fields of the sixth system, which takes the rest."""
    pack.edit("pack.json", lambda body: body["systems"][5].update(fields))


def refusal(pack, classes):
    with pytest.raises(RegionError) as caught:
        load_systems(pack.folder, classes)
    return caught.value.code, caught.value.reason


ONE = "pack.json: systems: service-city"


@pytest.mark.parametrize(
    ("fields", "code", "reason"),
    [
        ({"classes": ["09-01"]}, ONE, "09-01 matches no class; expected at least one"),
        (
            {"classes": ["*1"]},
            ONE,
            "'*1' is no pattern; expected a class code, or the beginning of some and a star",
        ),
        ({"classes": ["01-12", "01-12"]}, ONE, "01-12 is there twice"),
        ({"kpis": ["open", "overdue", "open"]}, ONE, "open is there twice"),
        (
            {"classes": ["05-03"]},
            "pack.json: systems",
            "class 05-03 belongs to service-city and safety-emergency; expected one system",
        ),
        ({"rest": False}, "pack.json: systems", "0 systems take the rest; expected 1"),
        ({"id": "grid-service"}, "pack.json: systems", "grid-service is there twice"),
        (
            {"channels": ["radio"]},
            "pack.json",
            "Invalid enum value 'radio' - at `$.systems[5].channels[0]`",
        ),
        (
            {"kpis": ["open", "overdue"]},
            "pack.json",
            "Expected `array` of length >= 3 - at `$.systems[5].kpis`",
        ),
    ],
)
def test_a_wrong_system_is_named_with_what_was_expected(pack, classes, fields, code, reason):
    edit(pack, **fields)
    assert refusal(pack, classes) == (code, reason)


def test_an_unknown_kpi_is_named(pack, classes):
    edit(pack, kpis=["open", "overdue", "happiness"])
    code, reason = refusal(pack, classes)
    assert code == ONE
    assert reason.startswith("there is no KPI 'happiness'; expected open, overdue, ")


def test_two_that_take_the_rest_are_named(pack, classes):
    pack.edit("pack.json", lambda body: body["systems"][0].update(rest=True))
    reason = "2 systems take the rest (party-leadership, service-city); expected 1"
    assert refusal(pack, classes) == ("pack.json: systems", reason)


def test_the_region_is_refused_too_without_reading_the_classes(pack):
    edit(pack, rest=False)
    assert pack.refusal() == ("pack.json: systems", "0 systems take the rest; expected 1")


def test_systems_are_read_whatever_else_the_pack_says(pack, classes):
    pack.edit("pack.json", lambda body: body.pop("notes"))
    assert len(load_systems(pack.folder, classes)) == 6
    body = json.loads((pack.folder / "pack.json").read_text(encoding="utf-8"))
    assert "notes" not in body
