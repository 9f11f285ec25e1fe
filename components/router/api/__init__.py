"""The router's API as types: what is asked and what is answered, over REST and gRPC alike."""
