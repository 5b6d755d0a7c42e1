"""Who may ask what: decided before the protocol hears of a request."""
