"""What stands between the network and the pages: who comes in, and where it is written down."""

from dataclasses import dataclass

from redis.asyncio import Redis

from dashboard.clock import Clock
from dashboard.config import Settings
from dashboard.directory import Directory
from dashboard.domain.areas import Region
from dashboard.sign_in import SignIn
from dashboard.store.audit import AuditLog


@dataclass(frozen=True, slots=True)
class Doors:
    """One web process's."""

    sign_in: SignIn
    audit: AuditLog
    clock: Clock

    @property
    def directory(self) -> Directory:
        return self.sign_in.directory


def create_doors(settings: Settings, region: Region, redis: Redis, clock: Clock) -> Doors:
    audit = AuditLog(redis, settings.secret, clock)
    directory = Directory(settings, region, redis, audit, clock)
    return Doors(SignIn(settings, directory, redis, audit, clock), audit, clock)
