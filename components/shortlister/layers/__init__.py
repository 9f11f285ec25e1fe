"""The layers of the Shortlister, one public class a file."""
