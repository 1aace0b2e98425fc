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
