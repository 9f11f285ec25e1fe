"""Domain models: whether a request is the domain's, which intent it has, and its slots."""
