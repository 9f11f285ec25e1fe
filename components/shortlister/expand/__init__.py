"""New skills between trainings: an embedding and a head on frozen features, with the old skills left alone.

Kim et al. (2018), https://arxiv.org/abs/1804.08065, §3.5, and what keeps the old skills' accuracy: old
requests as negatives, and a regulariser that holds a new head to what the old heads predict.
"""
