"""The page as a web application: routes, headers, the queue, the log."""
