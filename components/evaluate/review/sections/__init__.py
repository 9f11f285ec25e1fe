"""The sections of the page: each a function from what a run left to what one section shows, or None."""
