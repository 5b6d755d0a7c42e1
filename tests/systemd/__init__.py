"""The units, as systemd sees and runs them."""
