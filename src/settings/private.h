/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What settings are inside: filled in by parse.c, asked by settings.c. Private to the room. */

#include "settings/settings.h"

/* What one group says about virtiofsd. */
typedef struct {
    char *vm;           /* (nullable): a pattern of names; NULL: all VMs, [virtiofsd] */
    char *binary;       /* (nullable) */
    GPtrArray *options; /* of char*: arguments, with a NULL at the end */
} Daemon;

struct _Settings {
    GPtrArray *allow_read;       /* of char*: patterns */
    GPtrArray *allow_write;      /* of char*: the same */
    GPtrArray *allow_unconfined; /* of char*: the same */
    gboolean refuse_unrecorded;
    gboolean unusable;
    GPtrArray *daemons; /* of Daemon, in the file's order */
};

/** settings_new_strings: (element-type utf8): empty, owning its strings, with a NULL after them. */
GPtrArray *settings_new_strings(void);
