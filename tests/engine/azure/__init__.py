"""Tests of the azure backend, against Azurite."""
