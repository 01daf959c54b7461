"""Stage 3: engines that read chunks and make claims."""
