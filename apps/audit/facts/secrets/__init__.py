"""Credentials: kinds and places, never values."""
