"""Folders for the mounted suites: plain directories and real `vfsmount` daemons, with a look into their stores."""
