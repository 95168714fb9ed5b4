"""Marked sites: places that must be seen, and which cameras see them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

NO_SITE: Final = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A place that must be seen; `area` is the code of its grid."""

    id: str
    name: str
    name_en: str
    kind: str
    area: str


class Sites(Mapping[str, Site]):
    """By id, in the order of the pack."""

    def __init__(self, sites: Sequence[Site] = ()) -> None:
        self._sites = {site.id: site for site in sites}
        self.ids = list(self._sites)
        places = [(name, i) for i, site in enumerate(sites) for name in (site.name, site.id)]
        self._place = dict(reversed(places))  # of two sites with one name the first has it

    def __getitem__(self, identity: str) -> Site:
        return self._sites[identity]

    def __iter__(self) -> Iterator[str]:
        return iter(self._sites)

    def __len__(self) -> int:
        return len(self._sites)

    def place_of(self, told: str) -> int:
        """The place of the site that a camera says it looks at, by id or name; NO_SITE else."""
        return self._place.get(told, NO_SITE)
