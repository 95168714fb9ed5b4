"""From checked events to events for the store: one converter a type, free text masked."""

from collections.abc import Callable

from dashboard.clock import to_ms
from dashboard.domain import events as stored
from dashboard.domain.areas import Tier
from dashboard.domain.masking import mask
from feeds import schema
from feeds.decoding import device_key
from feeds.places import Located, Refusal

FUTURE_LIMIT_MS = 300_000
PAST_LIMIT_MS = 946_684_800_000  # 2000-01-01: an earlier time is a device that lost its clock


def convert(event: schema.EventIn, located: Located) -> stored.Event:
    """Raises Refusal."""
    return _CONVERTERS[type(event)](event, located)


def checked_ms(moment: object, field_name: str, now_ms: int) -> int:
    if moment is None:
        return now_ms
    observed_ms = to_ms(moment)  # type: ignore[arg-type]  # a Moment, checked by the decoder
    if observed_ms > now_ms + FUTURE_LIMIT_MS:
        limit_s = FUTURE_LIMIT_MS // 1000
        raise Refusal(
            field_name,
            f"lies {(observed_ms - now_ms) // 1000} s ahead; expected at most {limit_s} s",
        )
    if observed_ms < PAST_LIMIT_MS:
        raise Refusal(field_name, "lies before 2000; expected the time of the observation")
    return observed_ms


def _masked(text: str | None) -> str | None:
    return None if text is None else mask(text)


def _camera_registered(
    event: schema.CameraRegisteredIn, located: Located
) -> stored.CameraRegistered:
    data = event.data
    grid = located.grid()
    lon, lat = located.point()
    return stored.CameraRegistered(
        event.id,
        located.observed_ms,
        data.camera,
        grid,
        mask(data.name),
        data.ownership,
        mask(data.site),
        data.gb_code,
        lon,
        lat,
        data.upstream,
    )


def _camera_status(event: schema.CameraStatusIn, located: Located) -> stored.CameraState:
    data = event.data
    located.grid_of_known(located.known.cameras.get(data.camera), "data.camera")
    return stored.CameraState(
        event.id, located.observed_ms, data.camera, data.status, _masked(data.reason)
    )


def _camera_rollup(event: schema.CameraRollupIn, located: Located) -> stored.CameraRollup:
    data = event.data
    area = located.region.by_code.get(data.grid)
    if area is None or area.tier is not Tier.GRID:
        raise Refusal(
            "data.grid",
            f"{data.grid!r} is not a grid of {located.region.name}; expected a grid's code",
        )
    grid = located.permit(data.grid, "data.grid")
    counts = (data.online, data.offline, data.fault, data.maintenance)
    return stored.CameraRollup(event.id, located.observed_ms, grid, data.ownership, *counts)


def _device_registered(
    event: schema.DeviceRegisteredIn, located: Located
) -> stored.DeviceRegistered:
    data = event.data
    if data.upstream == data.device:
        raise Refusal("data.upstream", "a device does not hang on itself; expected another one")
    grid = located.grid()
    lon, lat = located.point()
    return stored.DeviceRegistered(
        event.id,
        located.observed_ms,
        data.device,
        grid,
        data.kind,
        mask(data.name),
        data.upstream,
        lon,
        lat,
    )


def _device_status(event: schema.DeviceStatusIn, located: Located) -> stored.DeviceState:
    data = event.data
    spot = located.known.cameras.get(device_key(data.device))
    located.grid_of_known(spot, "data.device")
    return stored.DeviceState(
        event.id, located.observed_ms, data.device, data.status, _masked(data.reason)
    )


def _incident_reported(
    event: schema.IncidentReportedIn, located: Located
) -> stored.IncidentReported:
    data = event.data
    ref = (
        data.cls
        if isinstance(data.cls, schema.IncidentClassRef)
        else schema.IncidentClassRef(code=data.cls)
    )
    if located.classes.find(ref.code, ref.system, ref.version) is None:
        raise Refusal(
            "data.class",
            f"{ref.code!r} is not a class of this region's code system; "
            "expected one such as '05-06'",
        )
    grid = located.grid()
    lon, lat = located.point()
    return stored.IncidentReported(
        event.id,
        located.observed_ms,
        data.incident,
        grid,
        ref.system,
        ref.version,
        ref.code,
        mask(data.title),
        data.channel,
        data.priority,
        data.severity,
        _masked(data.text),
        tuple(data.photos),
        lon,
        lat,
    )


def _check_whistle(data: schema.IncidentMovedData) -> None:
    """A department's step names its whistle and itself. Raises Refusal."""
    if data.action == "whistle":
        for name in ("whistle", "step", "department"):
            if getattr(data, name) is None:
                raise Refusal(f"data.{name}", "is missing; a step of a whistle names it")
        return
    for name in ("whistle", "step", "contact", "measures", "promised_at"):
        if getattr(data, name) is not None:
            raise Refusal(f"data.{name}", f"{data.action} does not take it; whistle does")


def _incident_moved(event: schema.IncidentMovedIn, located: Located) -> stored.IncidentMoved:
    data = event.data
    _check_whistle(data)
    located.grid_of_known(located.known.incidents.get(data.incident), "data.incident")
    moved_ms = (
        located.observed_ms if data.at is None else checked_ms(data.at, "data.at", located.now_ms)
    )
    return stored.IncidentMoved(
        event.id,
        moved_ms,
        data.incident,
        stored.IncidentAction(data.action),
        mask(data.by),
        _masked(data.note),
        _masked(data.department),
        data.result,
        whistle=data.whistle,
        step=data.step,
        contact=_masked(data.contact),
        measures=_masked(data.measures),
        promised_ms=None if data.promised_at is None else to_ms(data.promised_at),
    )


def _staff_checked_in(event: schema.StaffCheckedInIn, located: Located) -> stored.StaffCheckedIn:
    data = event.data
    return stored.StaffCheckedIn(
        event.id,
        located.observed_ms,
        data.staff,
        located.grid(),
        data.role,
        data.activity,
        data.minutes,
    )


def _resource_exchanged(
    event: schema.ResourceExchangedIn, located: Located
) -> stored.ResourceExchanged:
    data = event.data
    return stored.ResourceExchanged(
        event.id,
        located.observed_ms,
        data.resource,
        data.rows,
        data.rejected,
        data.schema_version,
        data.period_s,
    )


def _feed_heartbeat(event: schema.FeedHeartbeatIn, located: Located) -> stored.FeedHeartbeat:
    return stored.FeedHeartbeat(event.id, located.observed_ms, event.data.sent, event.data.dropped)


_CONVERTERS: dict[type, Callable[..., stored.Event]] = {
    schema.CameraRegisteredIn: _camera_registered,
    schema.CameraStatusIn: _camera_status,
    schema.CameraRollupIn: _camera_rollup,
    schema.IncidentReportedIn: _incident_reported,
    schema.IncidentMovedIn: _incident_moved,
    schema.StaffCheckedInIn: _staff_checked_in,
    schema.ResourceExchangedIn: _resource_exchanged,
    schema.FeedHeartbeatIn: _feed_heartbeat,
    schema.DeviceRegisteredIn: _device_registered,
    schema.DeviceStatusIn: _device_status,
}
