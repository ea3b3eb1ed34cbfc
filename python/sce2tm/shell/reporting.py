"""`report`, without the command line."""

import logging
from pathlib import Path
from typing import Any

from sce2tm import annotated, outputs
from sce2tm.report import write_report

logger = logging.getLogger(__name__)


def report(path: Path, out: Path | None = None, *, force: bool = False, **settings: Any) -> None:
    """Write the page of a result.

    Parameters
    ----------
    path
        Folder of `fit`, or the annotated cells in it.
    out
        The page; None is ``report.html`` beside the results.
    force
        Replace a page that is there.
    **settings
        As in `sce2tm.report.write_report`.

    Raises
    ------
    InputError
        No results, a page that is there and no `force`, or as `write_report` raises.
    """
    page = out or annotated.folder(path) / "report.html"
    outputs.check_free([page], force=force)
    adata = annotated.read(path)
    outputs.make_folders([page])
    write_report(adata, page, title=outputs.stem(annotated.find(path)), **settings)
    logger.info("The report is %s: open it in a browser.", page)
