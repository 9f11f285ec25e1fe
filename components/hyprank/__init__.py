"""HypRank: orders the hypotheses of one request, knowing all of them, and says how sure it is."""
