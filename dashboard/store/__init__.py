"""The only package that talks to Redis or Valkey."""
