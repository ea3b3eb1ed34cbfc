"""`python -m sce2tm` is `sce2tm`."""

from sce2tm.cli import main

raise SystemExit(main())
