"""Gene sets from GMT files."""

import gzip
import zlib
from pathlib import Path

from sce2tm.errors import InputError

_GZIP_MAGIC = b"\x1f\x8b"


def read_gmt(path: str | Path) -> dict[str, list[str]]:
    r"""Read a GMT file, plain or gzip.

    A GMT line is: name, description, then one gene a column, separated by tabs.

    Parameters
    ----------
    path
        The file. Whether it is compressed is read from its first bytes, not from its name.

    Returns
    -------
    dict
        Set name -> genes, in the order of the file. A gene that a set names twice is kept once;
        sets without any gene (Reactome's files hold some) are left out.

    Raises
    ------
    InputError
        The file is absent, is not text, has a line that is no GMT line, names a set twice, or
        holds no set.

    Examples
    --------
    >>> import sce2tm, pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "toy.gmt"
    >>> _ = path.write_text("interferon\tsource\tISG15\tMX1\nB cell\tsource\tCD79A\tMS4A1\n")
    >>> sce2tm.tl.read_gmt(path)
    {'interferon': ['ISG15', 'MX1'], 'B cell': ['CD79A', 'MS4A1']}
    """
    sets: dict[str, list[str]] = {}
    for number, line in enumerate(_text(Path(path)).splitlines(), start=1):
        if not line.strip():
            continue
        name, *rest = (field.strip() for field in line.split("\t"))
        if not name or not rest:
            raise InputError(
                f"path={str(path)!r}: line {number} is {line[:60]!r}, which is no GMT line. "
                "Expected name, description and genes, separated by tabs."
            )
        if name in sets:
            raise InputError(
                f"path={str(path)!r}: line {number} names the set {name!r} a second time. "
                "Make the names unique."
            )
        sets[name] = list(dict.fromkeys(gene for gene in rest[1:] if gene))
    sets = {name: genes for name, genes in sets.items() if genes}
    if not sets:
        raise InputError(f"path={str(path)!r} holds no gene set. Expected a GMT file.")
    return sets


def _text(path: Path) -> str:
    """The whole file as text, unpacked where it is gzip."""
    try:
        raw = path.read_bytes()
        if raw.startswith(_GZIP_MAGIC):
            raw = gzip.decompress(raw)
        return raw.decode("utf-8-sig")
    except OSError as error:  # gzip.BadGzipFile is one of them
        raise InputError(
            f"path={str(path)!r} cannot be read: {error}. Give the path of a GMT file."
        ) from error
    except (EOFError, zlib.error) as error:
        raise InputError(
            f"path={str(path)!r} is a damaged gzip file: {error}. Download or copy it again."
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(
            f"path={str(path)!r} is not UTF-8 text. Give a GMT file, plain or gzip."
        ) from error
