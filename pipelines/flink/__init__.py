"""A Flink session cluster for Beam on one machine: python -m pipelines.flink {start,stop,status}.

What a Kubernetes cluster has as pods (k8s/base/flink.yaml) runs here as processes on loopback addresses.
"""
