"""Files in mounts that are made of other files: what they are, and the layer that shows them."""
