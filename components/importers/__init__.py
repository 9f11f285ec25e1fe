"""Public data sets and catalogues → the dataset form."""

from components.importers.hwu64 import answerid_of, hwu64_fold
from components.importers.importer import SETS, import_set
from components.importers.options import ImportOptions
from components.importers.source import SourceError
from components.importers.summary import ImportSummary

__all__ = ["SETS", "ImportOptions", "ImportSummary", "SourceError", "answerid_of", "hwu64_fold", "import_set"]
