"""Putting the app elsewhere: a Space, a container, checkpoints for a lecture, a tool server."""
