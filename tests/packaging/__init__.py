"""What is given to people: packages, an installation for everybody, manuals."""
