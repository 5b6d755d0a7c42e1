"""The `gcs` backend over a GCS server."""
