"""The application: start, first frame, connection, profiles, and the screens it opens."""
