"""Make the embedded gene sets, python/sce2tm/datasets/reactome_*.gmt.gz, from Reactome's files.

Run once: python scripts/make_reactome.py ReactomePathways.Hs.gmt ReactomePathways.Mm.gmt

The files are packed as they are; the same files give the same bytes.
"""

import gzip
import sys
from pathlib import Path

TARGET = Path(__file__).parents[1] / "python/sce2tm/datasets"


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    for organism, path in zip(("human", "mouse"), sys.argv[1:], strict=True):
        packed = gzip.compress(Path(path).read_bytes(), compresslevel=9, mtime=0)
        (TARGET / f"reactome_{organism}.gmt.gz").write_bytes(packed)
