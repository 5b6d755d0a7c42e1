"""A file as the answer to an HTTP request, whatever server or framework asks for it."""
