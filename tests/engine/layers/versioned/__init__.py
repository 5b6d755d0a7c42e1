"""Tests of the layer `versioned`."""
