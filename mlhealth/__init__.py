"""Wiring: settings, URLs and the WSGI entry point. No logic."""
