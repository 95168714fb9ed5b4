"""A copy of the region pack that ships, for tests that spoil it."""

import json
import shutil

import pytest
import shapely

from dashboard.departments import load_departments
from dashboard.errors import RegionError
from dashboard.limits_pack import load_classes
from dashboard.region import load_region
from dashboard.setting_values import REGIONS

GUANDU = REGIONS / "guandu"
FILES = (
    "pack.json",
    "areas.geojson",
    "context.geojson",
    "classes.json",
    "calendar.json",
    "departments.json",
    "sites.json",
    "wall.json",
)


class Pack:
    """A copy of the real pack that a test may spoil."""

    def __init__(self, folder):
        self.folder = folder
        for name in FILES:
            shutil.copy(GUANDU / name, folder / name)

    def edit(self, name, change):
        path = self.folder / name
        body = json.loads(path.read_text(encoding="utf-8"))
        change(body)
        path.write_text(json.dumps(body), encoding="utf-8")

    def edit_area(self, code, change):
        def change_one(body):
            change(next(f for f in body["features"] if f["properties"]["code"] == code))

        self.edit("areas.geojson", change_one)

    def set_area(self, code, /, **properties):
        self.edit_area(code, lambda feature: feature["properties"].update(properties))

    def reshape(self, code, change):
        """`change` takes a shapely geometry and gives another."""

        def change_one(feature):
            changed = change(shapely.geometry.shape(feature["geometry"]))
            feature["geometry"] = json.loads(shapely.to_geojson(changed))

        self.edit_area(code, change_one)

    def refusal(self):
        with pytest.raises(RegionError) as caught:
            load_region(self.folder)
        return caught.value.code, caught.value.reason

    def classes_refusal(self):
        with pytest.raises(RegionError) as caught:
            load_classes(self.folder)
        return caught.value.code, caught.value.reason

    def departments_refusal(self):
        region = load_region(GUANDU)
        with pytest.raises(RegionError) as caught:
            load_departments(self.folder, region)
        return caught.value.code, caught.value.reason
