"""From a blessed model to a version in service, with proof that what is pushed is what was measured."""
