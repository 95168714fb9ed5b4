"""The list of additive numbers and the rates that are made from them."""

import pytest

from dashboard.domain.metrics import COLUMN, METRICS, rates

PROMISED = [
    "cameras_total",
    "cameras_online",
    "cameras_offline",
    "cameras_fault",
    "cameras_maintenance",
    "cameras_total_public",
    "cameras_online_public",
    "cameras_offline_public",
    "cameras_fault_public",
    "cameras_maintenance_public",
    "cameras_total_social",
    "cameras_online_social",
    "cameras_offline_social",
    "cameras_fault_social",
    "cameras_maintenance_social",
    "incidents_open",
    "incidents_open_p1",
    "incidents_open_p2",
    "incidents_open_p3",
    "incidents_open_p4",
    "incidents_overdue",
    "incidents_due_soon",
    "incidents_reported_today",
    "incidents_closed_today",
    "staff_on_duty",
    "grids_total",
    "grids_covered",
    "checkins_last_hour",
    "alerts_active",
]


def test_every_metric_that_the_interface_promises_is_there_once():
    assert set(PROMISED) <= set(METRICS)
    assert len(set(METRICS)) == len(METRICS)
    assert [METRICS[column] for column in COLUMN.values()] == list(COLUMN)


@pytest.mark.parametrize(
    ("numbers", "online", "on_time"),
    [
        ({}, None, None),
        ({"cameras_total": 4, "cameras_online": 3}, 0.75, None),
        ({"cameras_total": 5, "cameras_online": 3, "cameras_maintenance": 1}, 0.75, None),
        ({"cameras_total": 2, "cameras_maintenance": 2}, None, None),
        ({"cameras_total": 2}, 0.0, None),
        ({"incidents_due_today": 4, "incidents_closed_on_time_today": 1}, None, 0.25),
        ({"incidents_due_today": 3}, None, 0.0),
    ],
)
def test_rates_come_from_sums_and_are_none_without_a_denominator(numbers, online, on_time):
    found = rates(dict.fromkeys(METRICS, 0) | numbers)
    assert found == {"camera_online_rate": online, "on_time_rate": on_time}
