"""What lets programs that know only local files, and other servers' files, work with places of mounts."""
