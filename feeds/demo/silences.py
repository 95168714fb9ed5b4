"""When a feed's line goes down: in real time whatever the speed, so that it can be watched."""

from feeds.demo.feeds import CITY, EXCHANGE, HOTLINE, PUBLIC_VIDEO, SOCIAL_VIDEO, TERMINALS
from feeds.demo.world import World

SLOT_MS = 1_800_000
CHANCE = 0.5  # of a silence in any half hour
LIKELY = {HOTLINE: 45, EXCHANGE: 25, SOCIAL_VIDEO: 10, TERMINALS: 8, PUBLIC_VIDEO: 7, CITY: 5}
BEGINS = (0.1, 0.6)  # part of the half hour
LASTS_S = (150, 420)
GRACE_S = 300  # after the start everything is there


def silence_s(world: World, feed: str, now_ms: int) -> tuple[float, float]:
    """Seconds to wait from now, and seconds of silence then; the second is 0 to ask again."""
    slot_ms = now_ms - now_ms % SLOT_MS
    rest_s = (slot_ms + SLOT_MS - now_ms) / 1000
    dice = world.chance("silence", slot_ms)
    who = dice.choices(list(LIKELY), list(LIKELY.values()))[0]
    begins_ms = slot_ms + dice.uniform(*BEGINS) * SLOT_MS
    lasts_s = dice.uniform(*LASTS_S)
    soonest_ms = max(now_ms, world.start_ms + GRACE_S * 1000)
    if dice.random() < CHANCE and who == feed and begins_ms >= soonest_ms:
        return (begins_ms - now_ms) / 1000, lasts_s
    return rest_s, 0.0
