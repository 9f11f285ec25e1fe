"""Re-rankers: one small linear model a domain, whose scores compare across domains."""
