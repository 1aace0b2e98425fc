/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What a virtiofsd needs of the kernel besides what every one needs, told by its options: the sandbox
 * refuses the rest.
 */

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    bool xattr;             /* the guest has extended attributes and ACLs */
    bool file_handles;      /* it opens files by handles */
    bool capabilities;      /* it is to keep other capabilities than the usual */
    uint64_t descriptors;   /* how many it wants to have open; 0: as it finds it, or its default */
    bool descriptors_given; /* it was told how many */
} Needs;

/**
 * needs_read:
 * @argv: the command line that virtiofsd is going to get, with its name
 * What cannot be read is virtiofsd's to complain about.
 */
Needs needs_read(char *const argv[]);
