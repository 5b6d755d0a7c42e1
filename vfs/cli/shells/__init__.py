"""How shells complete the commands: made of the grammar that parses their arguments."""
