"""The contracts that every part shares: records, their two forms, and the version folder."""
