"""The s3 backend against a real S3 server."""
