"""What a request costs: a model of any number of skills, and one process that serves it."""
