"""The application on its desktop: tray, notifications, one instance, start-up."""
