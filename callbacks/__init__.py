"""The only code that joins Dash to commands and queries."""
