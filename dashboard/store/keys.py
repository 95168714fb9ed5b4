"""Every key of the store: name, type, bound, writer.

The braces are a hash tag: one shard, one cluster slot.
"""

SHARD = "{onemap:0}"

EVENTS = (
    f"{SHARD}:events"  # stream   one entry a batch (Chunk); gateway appends, board folds and trims
)
REJECTED = f"{SHARD}:rejected"  # stream   what was refused and why; gateway
REJECTED_MAXLEN = 10_000  # entries
FEEDS = f"{SHARD}:feeds"  # hash     name -> Feed as JSON; command line
FEED_TOKENS = f"{SHARD}:feed_tokens"  # hash     SHA-256 of a token -> feed name; command line
FEED_COUNTS = f"{SHARD}:feed_counts"  # hash     "name:what" -> number; gateway, in the append
PRIVATE_DAYS = f"{SHARD}:private_days"  # hash     Shanghai date -> person events dropped; gateway
PRIVATE_DAYS_KEPT = 400  # days
CAMERA_GRIDS = f"{SHARD}:camera_grids"  # hash     camera -> "ms grid"; gateway, in the append
INCIDENT_GRIDS = (
    f"{SHARD}:incident_grids"  # hash     incident -> "ms grid"; gateway appends, board forgets
)
# hash     incident -> position of the last chunk about it; gateway and desk append, board forgets
INCIDENT_HEADS = f"{SHARD}:incident_heads"

AUDIT = f"{SHARD}:audit"  # stream   n-0: entry as JSON and its hash; whoever acts; never trimmed
AUDIT_HEAD = f"{SHARD}:audit_head"  # hash     n, hash, seal, at of the last entry; with each
AUDIT_CHECKED = f"{SHARD}:audit_checked"  # hash     n, at, ok: the last time it was read through
INCIDENT_AUDIT_KEPT = 500  # numbers a case
INCIDENT_AUDIT_MS = 400 * 86_400_000  # after the last
ACCOUNTS = f"{SHARD}:accounts"  # hash     name -> Account as JSON; web, command line
TOKENS = f"{SHARD}:tokens"  # hash     SHA-256 -> Token as JSON; web, command line
DISPLAYS = f"{SHARD}:displays"  # hash     name -> Display as JSON; web, command line
SESSIONS = f"{SHARD}:sessions"  # hash     SHA-256 -> Session as JSON; web, which ends them
HANDOVER_OPEN = f"{SHARD}:handover_open"  # hash     area -> hand-over that waits; web, with each
# hash     area -> "ms ms": up to when the last signed hand-over tells, and when it was signed; web
HANDOVER_END = f"{SHARD}:handover_end"
HANDOVERS_KEPT = 2_000  # hand-overs an area
HANDOVERS_KEPT_MS = 400 * 86_400_000
LAST_SEEN = f"{SHARD}:last_seen"  # hash     SHA-256 of a session or token -> ms; web, each minute

# hash     web process -> the cases its officers have open, msgpack; web, old lines go after 15 s
WATCHING = f"{SHARD}:watching"

WALL_ORDERS = f"{SHARD}:wall_orders"  # hash     display -> Order as JSON; web, with each
# hash     "display screen" -> Sign as JSON; web, dropped after a week
WALL_SIGNS = f"{SHARD}:wall_signs"
WALL_SIGNS_KEPT_MS = 7 * 86_400_000
WALL_SIGNS_SHOWN = 40  # screens a display

SEAT = f"{SHARD}:seat"  # string   the process that may write what follows; board, with expiry
CHECKPOINT = f"{SHARD}:checkpoint"  # hash     format, position, tick, topics, feeds; board
CAMERAS = f"{SHARD}:cameras"  # hash     camera -> row; board
CAMERA_STATES = f"{SHARD}:camera_states"  # hash     camera number -> packed state; board
ROLLUPS = f"{SHARD}:rollups"  # hash     grid and ownership -> row; board
INCIDENTS = (
    f"{SHARD}:incidents"  # hash     incident -> row with its history; board, bounded by retention
)
STAFF = (
    f"{SHARD}:staff"  # hash     staff -> last grid and time, no trail; board, dropped after a day
)
CHECKINS = f"{SHARD}:checkins"  # hash     minute -> counts per grid, the last 61; board
COVER = f"{SHARD}:cover"  # string   last check-in of every grid, int64 ms, in order; board
RESOURCES = f"{SHARD}:resources"  # hash     resource -> last delivery; board
DEVICES = f"{SHARD}:devices"  # hash     recorder, switch ... -> row; board
BOARD_HASHES = (CAMERAS, CAMERA_STATES, ROLLUPS, INCIDENTS, STAFF, CHECKINS, RESOURCES, DEVICES)
PICTURE = f"{SHARD}:picture"  # string   every area's numbers as of the checkpoint; board
DELTAS = f"{SHARD}:deltas"  # stream   one entry a tick, id = tick-0; board
DELTAS_MAXLEN = 600  # entries; 24 s at the fastest tick, 10 minutes at rest

ALERTS = f"{SHARD}:alerts"  # hash     listed alert -> row; board, with each round of the rules
# hash     alert -> head: the board's round or the officer's act that changed it last; board, desk
ALERT_HEADS = f"{SHARD}:alert_heads"
ALERT_ACTED = f"{SHARD}:alert_acted"  # string   position of the last officer's act; desk, with each
ALERT_STATE = (
    f"{SHARD}:alert_state"  # hash     n, acted, mutes, memory (delays that run), rates; board
)
ALERT_LOG = f"{SHARD}:alert_log"  # stream   one entry a round with news; board
ALERT_LOG_MAXLEN = 500_000  # entries
ALERT_LOG_MS = 8 * 86_400_000  # and not older: a rule is tried on the last seven days
ALERT_HISTORY = f"{SHARD}:alert_history"  # stream   one entry a minute: what rules are judged by
ALERT_HISTORY_MAXLEN = 7 * 1_440 + 120  # entries
ALERT_RULES = f"{SHARD}:alert_rules"  # hash     rule -> Rule as JSON, where changed; web, with each

OUTLETS = f"{SHARD}:outlets"  # hash     name -> Outlet as JSON; command line, notifier
# hash     outlet -> "created position n": up to where its queue holds the alert log; notifier
OUTLET_POSITIONS = f"{SHARD}:outlet_positions"
OUTLET_HEALTH = f"{SHARD}:outlet_health"  # hash     outlet -> Health as JSON; notifier
NOTIFIER_SEAT = f"{SHARD}:notifier_seat"  # string   the process that delivers; it, with expiry
OUTLET_QUEUE_MAX = 1_000  # news an outlet's queue takes in; what comes after waits in the log
OUTLET_LOST_KEPT = 200  # rows an outlet


def sequences(feed: str) -> str:
    """Sorted set of a feed's last batch numbers; gateway, in the append."""
    return f"{SHARD}:sequences:{feed}"


def sequence_counts(feed: str) -> str:
    """Hash, batch number -> events accepted, for the same numbers; gateway, in the append."""
    return f"{SHARD}:sequence_counts:{feed}"


SEQUENCES_KEPT = 4_096  # batch numbers a feed


def seen(feed_and_bucket: str) -> str:
    """Set of event ids a feed sent in one six-hour bucket, gone after two; gateway."""
    return f"{SHARD}:seen:{feed_and_bucket}"


SEEN_BUCKET_MS = 6 * 3_600_000


def incident_audit(incident: str) -> str:
    """List of the numbers of a case's audit entries, oldest first, with expiry; desk, with each."""
    return f"{SHARD}:incident_audit:{incident}"


def handovers(area: str) -> str:
    """Sorted set of an area's hand-overs by when they were handed, ms; web, with each."""
    return f"{SHARD}:handovers:{area}"


def handover(identity: str) -> str:
    """Hash, h: the hand-over as JSON, b: its lists, packed; with expiry; web, with each."""
    return f"{SHARD}:handover:{identity}"


def outlet_queue(name: str) -> str:
    """Hash, "ms.n" -> Waiting, msgpack: what one outlet is to be told; notifier."""
    return f"{SHARD}:outlet_queue:{name}"


def outlet_lost(name: str) -> str:
    """List of Lost as JSON, newest first: what one outlet was never told; notifier."""
    return f"{SHARD}:outlet_lost:{name}"


def outlet_sent(name: str) -> str:
    """Hash, alert -> list of Sent, msgpack: CAP messages that were not cancelled yet; notifier."""
    return f"{SHARD}:outlet_sent:{name}"


def attempts(who: str) -> str:
    """Hash, n and until_ms: sign-ins that were tried by a name or an address, with expiry; web."""
    return f"{SHARD}:attempts:{who}"


def done(request: str) -> str:
    """String, what a request was answered, for when the same comes again; with expiry; web."""
    return f"{SHARD}:done:{request}"
