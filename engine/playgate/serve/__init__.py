"""The gate as a server: requests over HTTP, answered as the command line answers them."""
