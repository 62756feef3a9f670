import CMalloc
import SpillwayCLI

// glibc keeps a heap for each thread and holds on to what was freed, which is speed for programs that allocate all day.
// This one waits for a cloud, on a machine with little memory.
mallopt(M_ARENA_MAX, 1)
mallopt(M_MMAP_THRESHOLD, 32 << 10)
mallopt(M_TRIM_THRESHOLD, 64 << 10)
mallopt(M_TOP_PAD, 16 << 10)

CommandLineTool.main()
