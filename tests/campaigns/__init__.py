"""Campaigns; none of them speaks to the desktop of whoever runs them."""

import os

os.environ["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=/nonexistent"
