"""Outside sources become events here."""
