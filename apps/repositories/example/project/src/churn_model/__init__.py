"""Predicts which customers will cancel."""
