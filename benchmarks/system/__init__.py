"""The whole system on real requests: from a public set to answers, and what they come to."""
