"""Data in, Dash components out."""
