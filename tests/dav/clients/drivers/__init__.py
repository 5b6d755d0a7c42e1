"""Clients that people and programs have, each driven by the same few acts."""
