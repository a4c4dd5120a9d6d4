// A preload that does nothing: what any preload costs, the shim is measured against.
int axshim_bench_empty;
