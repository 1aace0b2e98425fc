/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* virtiofsd's options, as far as the launcher has to tell them apart. */

#include <stdbool.h>

typedef enum {
    OPTION_KEPT,         /* not the launcher's business */
    OPTION_QUERY,        /* the program is asked about itself */
    OPTION_FD,           /* read, and kept */
    OPTION_READONLY,     /* read, and kept */
    OPTION_IDMAP,        /* read, and kept */
    OPTION_FILE_HANDLES, /* read, and kept */
    OPTION_SHARE,        /* taken out */
    OPTION_SANDBOX,      /* taken out */
    OPTION_COMPAT,       /* -o: some of its parts are taken out */
    OPTION_FOREIGN,      /* kept, but not for an administrator to set */
} OptionKind;

/* One option of a command line, with the value that belongs to it. */
typedef struct {
    OptionKind kind;
    const char *name;
    const char *value; /* NULL: it has none, or it is missing */
    bool needs_value;
    int used; /* arguments that it takes up */
} Occurrence;

/**
 * option_read:
 * @at: where in @argv the option begins
 * Anything that is not known is an OPTION_KEPT of one argument, so that what follows it is read anew.
 */
Occurrence option_read(int argc, char *const argv[], int at);
