"""The tables of `arbiter bench ablation`, one module each, and what they share.

A module of this package that has a function `measure(options: AblationOptions) -> Table` is a table; its name
is the name of `--only` and of the file in docs/results/. Nothing else has to be told of it.

    options.py      AblationOptions: size, seeds, folders; the same for every table
    table.py        Table and Grid: what a table says, and its Markdown
    worlds.py       simulated worlds and SGD as requests by split, made once and kept in a cache folder
    statistics.py   mean and minimum over seeds, intervals over customers, paired differences, McNemar

Training and corpora come from benchmarks/shortlister_runs.py.
"""
