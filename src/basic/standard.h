/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

/**
 * standard_fill:
 * Opens /dev/null in the place of those of the descriptors 0, 1 and 2 that are closed. The next file that is
 * opened would have one of their numbers, be it a lock or a rules file, and get what is meant for the log.
 * For the start of a program. Returns: false with errno set where one cannot be had
 */
bool standard_fill(void);

/**
 * standard_outlive:
 * @number: SIGXFSZ or SIGPIPE
 * From now on a write that goes beyond the limit for files, or that nobody is going to read, fails with EFBIG
 * or EPIPE, and does not end the program half-way. Programs that are run from now on inherit it, but by
 * child_run(), which undoes it.
 */
void standard_outlive(int number);
