"""Load on a service: requests at times that are set beforehand, from a process of its own."""
