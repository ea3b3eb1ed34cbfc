"""What :func:`sce2tm.tl.gsea` and :func:`sce2tm.tl.ora` are made of."""
