"""Import it before gRPC, in a process of many short calls: a thread that waits for a call or an answer
then reads the socket itself.

Otherwise gRPC's own threads read it and wake the one that waits, which takes some 0.05 ms more on either
side. It is an option of gRPC's core, read when that is imported; GRPC_EXPERIMENTS, where it is set, wins.
"""

import os

os.environ.setdefault("GRPC_EXPERIMENTS", "-event_engine_client,-event_engine_listener")
