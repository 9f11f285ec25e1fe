"""The graph, its configuration, the runner and the command line."""
