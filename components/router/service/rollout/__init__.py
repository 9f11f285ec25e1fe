"""Candidates on live traffic: who gets them, what came of it, and what shadows say."""
