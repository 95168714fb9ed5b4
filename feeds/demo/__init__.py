"""A made-up day of a district, played through the public intake alone; screens say SIMULATED."""

from feeds.demo.departments import Departments
from feeds.demo.feeds import FEEDS, Feed
from feeds.demo.play import run
from feeds.demo.timeline import timeline
from feeds.demo.world import Due, World

__all__ = ["FEEDS", "Departments", "Due", "Feed", "World", "run", "timeline"]
