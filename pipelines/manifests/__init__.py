"""Kubernetes manifests of a workspace's model servers."""
