"""The review: one self-contained HTML page about a run, to be read, mailed and signed.

`found.py` has everything that a run left; a module of `sections/` picks from it what one section shows, as a
small struct, and the template of the same name in `templates/sections/` lays that out; `page.py` lists the
sections in their order. A section that has nothing to show is absent from the page.
"""
