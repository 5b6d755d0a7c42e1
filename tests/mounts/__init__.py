"""Folders for the mounted suites: plain directories, real `vfsmount` daemons, and what lies in stores."""
