"""A TFX pipeline on open-source Kubeflow Pipelines v2: one container task for each node."""
