"""Shortlister: scores every skill of the catalogue for a request, from its text and the enabled skills.

Kim et al. (2018), Efficient Large-Scale Neural Domain Classification with Personalized Attention,
https://arxiv.org/abs/1804.08065. The pure modules need Keras and TensorFlow only; `component.py` and
`executor.py` put them into the pipeline.
"""
