"""What the Shortlister learns from its own predictions and from failures, after its first training.

Kim & Kim (2020), Pseudo Labeling and Negative Feedback Learning for Large-Scale Multi-Label Domain
Classification, https://arxiv.org/abs/2003.03728. A request has one label, though several skills may be right:
skills that the model puts above the label, epoch after epoch, become further labels; requests that a skill
failed on push that skill down; the best epoch's outputs keep the rest in place. The modules are pure; what
they need of the trainer is one prediction an epoch.
"""
