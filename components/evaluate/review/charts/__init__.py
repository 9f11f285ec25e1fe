"""The review's diagrams, as inline SVG."""
