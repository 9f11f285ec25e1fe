"""The REST API: JSON to the calls' protocol buffers and back, over HTTP."""
