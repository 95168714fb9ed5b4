"""Events about people's behaviour are recognized by alarm method and type, or by their own type."""

import msgspec
import pytest

from feeds.privacy import PERSON_PREFIXES, is_about_people
from feeds.schema import AlarmIn


def alarm(**data):
    return AlarmIn(id="1", type="camera.alarm", data=msgspec.Raw(msgspec.json.encode(data)))


@pytest.mark.parametrize("kind", [5, 6, 7, 8, 9, 10, 12])
@pytest.mark.parametrize("as_word", [int, str])
def test_video_alarms_about_people_are_recognized(kind, as_word):
    assert is_about_people(alarm(method=as_word(5), alarm_type=as_word(kind)))


@pytest.mark.parametrize("kind", [1, 2, 3, 4, 11, 13, None])
def test_video_alarms_about_things_are_not(kind):
    assert not is_about_people(alarm(method=5, alarm_type=kind))


@pytest.mark.parametrize("method", [1, 2, 4, 6, None])
def test_the_same_numbers_of_another_method_mean_something_else(method):
    assert not is_about_people(alarm(method=method, alarm_type=6))


@pytest.mark.parametrize("kind", [*PERSON_PREFIXES, "camera.behaviour.fall", "FACE.Matched"])
def test_event_types_of_analytics_boxes_are_recognized_by_prefix(kind):
    assert is_about_people(AlarmIn(id="1", type=kind))


@pytest.mark.parametrize("kind", [None, "", "camera.status", "weather.rain", "surface.water"])
def test_other_types_are_not(kind):
    assert not is_about_people(AlarmIn(id="1", type=kind))


@pytest.mark.parametrize("data", [b"[]", b"5", b'{"method": {}}', b'{"alarm_type": [6]}'])
def test_an_alarm_of_another_shape_is_not_taken_for_one(data):
    assert not is_about_people(AlarmIn(id="1", type="camera.alarm", data=msgspec.Raw(data)))
