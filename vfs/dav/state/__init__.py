"""What WebDAV keeps beside the storage: locks and dead properties."""
