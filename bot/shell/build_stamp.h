/* What this program is and where it lies in memory, told by the linker's notes. */
#ifndef SHELL_BUILD_STAMP_H
#define SHELL_BUILD_STAMP_H

#include "core/image.h"

enum { BUILD_RANGES_MAX = 512 };

/* A number for this build of the program and of the libraries that decide how words are read; 0 where the build has no id. */
uint64_t build_stamp(void);
/* Where the program and its libraries are mapped. */
size_t build_ranges(struct image_range ranges[static BUILD_RANGES_MAX]);

#endif
