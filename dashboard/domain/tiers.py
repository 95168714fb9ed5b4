"""The three tiers of command (监督指挥体系连三级): one of them holds each open case."""

from typing import Final

from dashboard.domain.areas import DEPTH, Tier
from dashboard.domain.events import Channel

COMMAND: Final = (Tier.DISTRICT, Tier.STREET, Tier.COMMUNITY)  # from the top down
RANK: Final = {tier: rank for rank, tier in enumerate(COMMAND)}

# Where a case begins: at the highest tier that its channel or its priority asks for. What was found
# in the grid is the community's, what people call in the street's, a leader's word the district's.
_BY_CHANNEL: Final = {
    Channel.COLLECTOR: Tier.COMMUNITY,
    Channel.VIDEO: Tier.COMMUNITY,
    Channel.PUBLIC: Tier.STREET,
    Channel.HOTLINE: Tier.STREET,
    Channel.TRANSFER: Tier.STREET,
    Channel.LEADER: Tier.DISTRICT,
}
_BY_PRIORITY: Final = {1: Tier.DISTRICT, 2: Tier.STREET}


def first_tier(channel: Channel, priority: int) -> Tier:
    """The tier that holds a new case; `priority` 1 to 4."""
    asked = (_BY_CHANNEL[channel], _BY_PRIORITY.get(priority, Tier.COMMUNITY))
    return min(asked, key=RANK.__getitem__)


def above(tier: Tier, steps: int = 1) -> Tier:
    """The tier so many steps up; the district has none above."""
    return COMMAND[max(0, RANK[tier] - steps)]


def commands(asker: Tier, holder: Tier) -> bool:
    """Whether a post at `asker` may work on a case that `holder` holds: its own, or of below."""
    return DEPTH[asker] <= DEPTH[holder]
