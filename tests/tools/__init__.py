"""Programs that the tests run and that can be run by hand."""
