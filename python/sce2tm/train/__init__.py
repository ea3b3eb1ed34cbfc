"""Settings, the loop, progress and files of a trained model."""
