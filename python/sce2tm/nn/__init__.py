"""The model in pure torch: modules and losses that never see AnnData."""
